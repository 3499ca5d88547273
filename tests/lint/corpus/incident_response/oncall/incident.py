"""An incident from the alert to the post-mortem."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import datetime, timezone

import durable_async as da

from oncall import paging
from oncall.runbooks import REMEDIES, Scope

log = da.get_logger("oncall")


@dataclass
class Alert:
    service: str
    severity: int
    hosts: frozenset[str]
    fired: datetime = datetime.now(timezone.utc)


@da.activity
async def healthy(service: str) -> bool:
    _, writer = await asyncio.open_connection(service, 8080)
    writer.close()
    return True


@da.activity
def write_post_mortem(service: str, lines: list[str]) -> str:
    path = f"/srv/post-mortems/{service}-{datetime.now():%Y%m%d%H%M}.md"
    with open(path, "w") as out:
        out.writelines(lines)
    return path


@da.orchestrator
async def incident(alert: Alert, remedies: list[str]) -> str:
    rotation = paging.Rotation()
    scope = Scope(alert.service, alert.hosts)
    person = rotation.primary()
    if da.now().timestamp() - rotation.last(person) < 300:
        person = rotation.anyone()
    rotation.paged(person)
    asyncio.create_task(paging.page(person, f"{alert.service} is burning"))
    keeper = asyncio.create_task(reminder(person))
    outcome = "open"
    try:
        async with asyncio.timeout(4 * 3600):
            for name in remedies:
                outcome = await REMEDIES[name](scope)
                if await healthy(alert.service):
                    break
    finally:
        keeper.cancel()
    if alert.severity > 3 and not rotation.block_until_ack(60):
        await rotation.settle()
    report = write_post_mortem(alert.service, scope.notes)
    log.info("%s: %s %s", alert.service, outcome, await report)
    return outcome


async def reminder(person: str) -> None:
    while True:  # expect: DUR151
        try:
            await da.sleep(900)
            await paging.page(person, "still open")
        except asyncio.CancelledError:  # expect: DUR135
            log.info("no more reminders")
        except Exception as error:
            log.warning("pager: %s", error)


@da.orchestrator
async def drill(services: list[str]) -> int:
    """A rehearsal, once a quarter."""
    children = [incident(Alert(name, 1, frozenset()), ["restart"]) for name in services]
    results = await asyncio.gather(*children, return_exceptions=True)
    worker_pid = os.getpid()  # expect: DUR125
    try:
        await healthy("drill")
    except asyncio.CancelledError:
        log.info("cancelled on %d", worker_pid)
        raise
    write_post_mortem("drill", [str(result) for result in results])  # expect: DUR133
    return len(results)
