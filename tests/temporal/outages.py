"""What runs while its worker, or its server, is killed; and how it is judged afterwards.

Everything that an activity does is a line in a file: that it has begun, and that it has done its
work. `python -m tests.temporal.outages URL LEDGER` is a worker for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

import durable_async as da

ROUNDS = 4
"""Of each job."""


@attrs.frozen
class Line:
    """Of the ledger. at: Unix seconds."""

    what: str
    instance_id: str
    name: str
    attempt: int
    at: float


class Work:
    """Activities that tell of themselves in the ledger. folder: where it is."""

    def __init__(self, ledger: str) -> None:
        self._ledger = ledger

    def _tell(self, what: str, name: str) -> None:
        info = da.activity_info()
        line = f"{what} {info.instance_id} {name} {info.attempt} {time.time()}\n"
        with Path(self._ledger).open("a") as file:
            file.write(line)

    @da.activity
    async def slow(self, name: str) -> str:
        self._tell("began", name)
        await asyncio.sleep(0.15)
        self._tell("did", name)
        return name

    @da.activity
    def in_thread(self, name: str) -> str:
        self._tell("began", name)
        time.sleep(0.1)
        self._tell("did", name)
        return name


@da.orchestrator
async def part(name: str) -> str:
    await asyncio.sleep(0.05)
    return await Work.in_thread(f"{name}-of-part")


@da.orchestrator
async def job(number: int) -> list[str]:
    """Activities, timers, an event and a child in each round; some of it at once."""
    seen = []
    for number in range(ROUNDS):
        drawn = da.side_effect(os.getpid)
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(Work.slow(f"slow-{number}"))
            child = group.create_task(part(f"round-{number}"))
            group.create_task(asyncio.sleep(0.2))
        seen += [slow.result(), child.result()]
        seen.append(await da.wait_for_event(f"go-{number}", str))
        da.set_custom_status(number)
        assert drawn > 0
    return seen


def expected() -> list[str]:
    each = [(f"slow-{n}", f"round-{n}-of-part", f"event-{n}") for n in range(ROUNDS)]
    return [name for names in each for name in names]


def lines_of(ledger: Path) -> list[Line]:
    if not ledger.exists():
        return []
    told = [line.split() for line in ledger.read_text().splitlines()]
    return [Line(what, whose, name, int(n), float(at)) for what, whose, name, n, at in told]


async def run_again(client: da.Client, ids: Iterable[str], ledger: Path) -> list[str]:
    """What should not be: an activity that was begun after the cluster had recorded that it was
    completed, or was recorded more or less than once. ids: of the jobs, which have ended."""
    lines, wrong = lines_of(ledger), []
    for each in ids:
        completed = await completed_of(client, each)
        for history in completed.values():
            for name, moments in history.items():
                if len(moments) != 1:
                    wrong.append(f"{each} {name}: completed {len(moments)} times")
        for line in lines:
            moments = completed.get(line.instance_id, {}).get(line.name)
            if moments is not None and line.what == "began" and line.at > moments[0]:
                wrong.append(f"{line}: completed at {moments[0]} already")
    return wrong


async def completed_of(client: da.Client, id: str) -> dict[str, dict[str, list[float]]]:
    """When the cluster recorded each activity of a job and of its children, by instance and name:
    what an activity returns here is its name."""
    engine: Any = client.connection
    found: dict[str, dict[str, list[float]]] = {}
    to_do = [id]
    while to_do:
        each = to_do.pop()
        history = await engine.temporal.get_workflow_handle(each).fetch_history()
        names = found.setdefault(each, {})
        for event in history.events:
            if event.HasField("activity_task_completed_event_attributes"):
                (result,) = event.activity_task_completed_event_attributes.result.payloads
                moment = event.event_time.ToNanoseconds() / 1e9
                names.setdefault(result.data.decode().strip('"'), []).append(moment)
            elif event.HasField("child_workflow_execution_started_event_attributes"):
                started = event.child_workflow_execution_started_event_attributes
                to_do.append(started.workflow_execution.workflow_id)
    return found


async def tell_events(client: da.Client, ids: Iterable[str]) -> int:
    """Raise every event of every job, each until it is accepted; how often one was not."""
    refused = 0
    for number in range(ROUNDS):
        event, data = f"go-{number}", f"event-{number}"
        for each in ids:
            while True:
                try:
                    await client.handle(each).raise_event(event, data, key=event)
                except da.StoreError:
                    refused += 1
                    await asyncio.sleep(0.2)
                else:
                    break
            await asyncio.sleep(0.02)
    return refused


async def main(url: str, ledger: str) -> None:
    async with da.Client(url) as client:
        await da.Worker(client, [job, part, Work(ledger)]).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
