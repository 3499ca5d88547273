"""Machines: created in batches, then waited for."""

import asyncio
import threading
import time
from datetime import timedelta
from typing import Any

from temporalio import workflow as wf

from cloudops import naming, settings
from cloudops.activities import boot_machine, machine_state

_LIMITS = settings.Limits()


async def create(tenant: str, spec: dict[str, Any]) -> list[str]:
    names = [naming.machine_name(tenant, i) for i in range(int(spec["count"]))]
    labels = naming.merge_labels({"owner": naming.owner_tag(spec.get("owner"))}, spec.get("labels", {}))
    ready: list[str] = []
    for begin in range(0, len(names), _LIMITS.batch):
        batch = names[begin : begin + _LIMITS.batch]
        handles = [wf.start_activity(boot_machine, args=[n, labels], start_to_close_timeout=timedelta(minutes=5)) for n in batch]
        await wf.wait(handles)
        ready += [handle.result() for handle in handles]
        await wait_until_up(batch, spec.get("poll", 10.0))
    return ready


async def wait_until_up(names: list[str], poll: float = 10.0) -> None:
    for name in names:
        while await state_of(name) != "running":
            if poll < 1:
                time.sleep(poll)  # expect: DUR102
            else:
                await asyncio.sleep(poll)


async def state_of(name: str) -> str:
    return await wf.execute_activity(machine_state, name, start_to_close_timeout=timedelta(seconds=15))


class StateWatcher(threading.Thread):
    """Used by the `cloudops watch` command only."""

    def __init__(self, interval: float) -> None:
        super().__init__(daemon=True)
        self.interval = interval
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(self.interval):
            print(time.ctime(), "watching")
