"""Compares what the schemes settled with what the ledger expects."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from queue import Queue

import durable_async as da
from aiobreaker import CircuitBreaker

from acquiring.activities import capture, notify_merchant, void
from acquiring.durable import now, wait_for_event, workflow

STATEMENTS = Path("/srv/statements")
breaker = CircuitBreaker(fail_max=3)


@da.activity
def read_statement(name: str) -> dict[str, int]:
    lines = (STATEMENTS / name).read_text().splitlines()
    return dict(Counter(line.split(";")[0] for line in lines))


@workflow
async def reconcile_day(merchant_id: str, expected: dict[str, int]) -> list[str]:
    folder = Path(os.environ["STATEMENTS"]) if expected else STATEMENTS  # expect: DUR124
    names = sorted(path.name for path in folder.glob("*.csv"))  # expect: DUR122
    statement: Counter[str] = Counter()
    for name in names:
        statement.update(await read_statement(name))
    differing = {key for key in expected if statement[key] != expected[key]}
    if not differing:
        return []
    await notify_merchant(merchant_id, "differences", {"count": str(len(differing))})
    reported = list(differing)  # expect: DUR134
    time.sleep(0.5)  # expect: DUR102
    await asyncio.gather(*(notify_merchant(merchant_id, "difference", {"id": key}) for key in reported))
    return reported


@workflow
async def retry_captures(authorisations: list[str], amount_minor: int) -> int:
    retried = 0
    for authorisation_id in authorisations:
        pause = da.random("captures").uniform(0, 3)
        await asyncio.sleep(pause)
        await breaker.call_async(capture, authorisation_id, amount_minor)  # expect: DUR132
        if random.random() < 0.01:  # expect: DUR111
            await notify_merchant("audit", "sampled", {"authorisation": authorisation_id})
        retried += 1
    return retried


@workflow
async def void_stale(authorisations: dict[str, float], max_age: float) -> int:
    backlog: Queue[str] = Queue()  # expect: DUR131
    limit = now().timestamp() - max_age
    for authorisation_id, made in authorisations.items():
        if made < limit:
            backlog.put_nowait(authorisation_id)
    voided = 0
    while not backlog.empty():
        await void(backlog.get_nowait())
        voided += 1
    return voided


@workflow
async def chargeback_inbox(merchant_id: str) -> None:
    while True:  # expect: DUR151
        text = await wait_for_event("chargeback", str)
        await notify_merchant(merchant_id, "chargeback", {"text": text})
