"""Backups of databases, rehearsals of restores, and the retention sweep."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import sys
from datetime import timedelta

import attrs
import durable_async as da
from durable_async import orchestrator

import catalogue
from catalogue import drop_all, newest, next_number
from retention import Snapshot, parse_policy
from targets import delete, pick_target, total_size, upload

logger = da.get_logger(__name__)
progress: dict[str, int] = {}


@da.entity
@attrs.define
class BackupLock:
    holder: str = ""

    def acquire(self, holder: str) -> bool:
        if self.holder and self.holder != holder:
            return False
        self.holder = holder
        return True

    def release(self) -> None:
        self.holder = ""


@orchestrator
async def backup(database: str, kind: str, where: str, inventory: dict[str, int]) -> Snapshot:
    target = pick_target(kind, where, inventory)
    async with da.lock(da.entity_ref(BackupLock, database)):
        last = await newest(database)
        if last is not None and not target.has_room(last.size):
            raise RuntimeError(f"no room for {database} on {target.name}")
        key = target.key(database, await next_number(database))
        # A dump of the biggest cluster takes four hours.
        size = await upload(database, key)
        snapshot = Snapshot(key, da.now(), size)
        await catalogue.add_snapshot(database, snapshot)
    progress[database] = size  # expect: DUR141
    return snapshot


@orchestrator
async def retention_sweep(database: str, policy_text: str) -> int:
    snapshots = await catalogue.list_snapshots(database)
    plan = parse_policy(policy_text).plan(snapshots)
    logger.info("dropping %d of %d bytes", total_size(plan.drop), total_size(snapshots))
    doomed = {snapshot.key for snapshot in plan.drop}
    with contextlib.suppress(BaseException):  # expect: DUR135
        async with asyncio.TaskGroup() as group:
            for key in doomed:  # expect: DUR134
                group.create_task(delete(key))
    da.set_custom_status({"bytes": progress.get(database, 0)})  # expect: DUR141
    return await drop_all(doomed)


@orchestrator
async def rehearse_restore(database: str, every: int) -> None:
    if sys.platform == "win32":  # expect: DUR125
        return
    while 1:  # expect: DUR151
        snapshot = await newest(database)
        da.get_logger("rehearsal").info("restoring %s", snapshot)
        await da.sleep(timedelta(days=every))


@orchestrator
async def nightly_backups(databases: list[str], inventory: dict[str, int], night: int) -> None:
    results = await asyncio.gather(
        *(backup(name, "tape", "", inventory) for name in databases),
        return_exceptions=True,
    )
    for name, result in zip(databases, results, strict=True):
        if isinstance(result, Exception):
            logger.error("%s failed: %s", name, result)
    for attempt in itertools.count():
        try:
            async with asyncio.timeout(3600):
                await da.wait_for_event("confirmed")
                break
        except TimeoutError:
            retention_sweep("all", "7/4/12")  # expect: DUR133
            if attempt > 5:
                raise
    da.continue_as_new(nightly_backups(databases, inventory, night + 1))


async def main() -> None:
    loop = asyncio.get_running_loop()
    async with da.Client("sqlite:///backup.db") as client:
        worker = da.Worker(client, [backup, retention_sweep, rehearse_restore, nightly_backups, catalogue])
        task = asyncio.create_task(worker.run())
        loop.add_signal_handler(signal.SIGUSR1, catalogue.vacuum)
        try:
            await task
        except asyncio.CancelledError:
            print("worker stopped", progress)


if __name__ == "__main__":
    asyncio.run(main())
