"""Crew that is out of hours is replaced by stand-by crew."""
from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import random
import subprocess
import time

import durable_async
import numpy as np

from .activities import cancel_hotel, hold_seat, issue_voucher
from .roster import StandbyRoster, on_duty


@durable_async.orchestrator
async def replace_crew(flight: str, base: str) -> list[str]:
    roster = StandbyRoster(base)
    names = roster.available()
    lead = np.random.permutation(names)[0]  # expect: DUR111
    legality = importlib.import_module(f"irrops.rules.{base.lower()}")  # expect: DUR142
    if not legality.check(lead):
        names.remove(lead)
    called = subprocess.getstatusoutput(f"pager {lead}")  # expect: DUR123
    with concurrent.futures.ThreadPoolExecutor() as pool:  # expect: DUR131
        ranks = list(pool.map(len, names))
    await asyncio.gather(*(hold_seat(name, flight) for name in names[: max(ranks)]))
    if called[0]:
        await issue_voucher(lead, 0)
    return names


@durable_async.orchestrator
async def standby_loop(base: str) -> None:
    roster = StandbyRoster(base)
    while True:
        await durable_async.wait_for_event("tick")
        if len(on_duty(roster)) == 0:
            raise LookupError(base)
        roster.rotate()


@durable_async.orchestrator
async def hotel_watch(pnr: str) -> str:
    deadline = time.monotonic_ns() + 10**9  # expect: DUR101
    try:
        return await durable_async.wait_for_event("checked-in", str)
    except asyncio.CancelledError:  # expect: DUR135
        if random.Random(pnr).random() > deadline:
            raise
        await cancel_hotel(pnr)
    return "gone"
