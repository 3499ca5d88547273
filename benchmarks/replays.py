"""R: how quickly a history becomes a running orchestrator again.

Invariant: what is timed begins with an event for an instance that no process has in memory and
ends with its result, so reading, decoding, replaying and one commit are all in it.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import Final

import durable_async as da

__all__ = ["measure_replays", "record_histories"]

STORE: Final = "histories.db"
ACTIVITIES: Final = 1_000
TIMERS: Final = 10_000
SHORTEST: Final = 1e-6
"""Seconds; due at once, and yet a timer in history."""


@da.activity
async def add_one(value: int) -> int:
    return value + 1


@da.orchestrator
async def row_then_wait(count: int) -> int:
    value = 0
    for _ in range(count):
        value = await add_one(value)
    return value + await da.wait_for_event("go", int)


@da.orchestrator
async def parallel_then_wait(count: int) -> int:
    results = await asyncio.gather(*(add_one(value) for value in range(count)))
    return sum(results) + await da.wait_for_event("go", int)


@da.orchestrator
async def timers_then_wait(count: int) -> int:
    for _ in range(count):
        await da.sleep(SHORTEST)
    return await da.wait_for_event("go", int)


FUNCTIONS: Final = (add_one, row_then_wait, parallel_then_wait, timers_then_wait)

RESULTS: Final = {
    "row": ACTIVITIES + 1,
    "parallel": ACTIVITIES * (ACTIVITIES + 1) // 2 + 1,
    "timers": 1,
}


async def record_histories(folder: Path) -> None:
    """Three instances that have done all but their last step. Once for all runs: 10,000 timers
    in a row are 10,000 commits."""
    async with da.Client(_url(folder)) as client, da.Worker(client, FUNCTIONS):
        handles = [
            await client.start(row_then_wait(ACTIVITIES), id="row"),
            await client.start(parallel_then_wait(ACTIVITIES), id="parallel"),
            await client.start(timers_then_wait(TIMERS), id="timers"),
        ]
        for handle in handles:
            await _until_it_waits(handle)


async def _until_it_waits(handle: da.Handle[int]) -> None:
    while True:
        state = await handle.state()
        if any(pending.kind == "event" for pending in state.pending):
            return
        if state.status.has_ended:
            raise RuntimeError(f"{handle.id} ended before its last step: {state.failure}")
        await asyncio.sleep(0.1)


async def measure_replays(recorded: Path, folder: Path) -> dict[str, float]:
    """Events of history a second. recorded: what `record_histories` wrote. folder: a new one.

    Of two replays the second counts: the first warms caches and memory up, as in a process that
    is at work.
    """
    for name in RESULTS:
        await _measure_replay(name, recorded, folder / f"{name}-before")
    return {name: await _measure_replay(name, recorded, folder / name) for name in RESULTS}


async def _measure_replay(name: str, recorded: Path, folder: Path) -> float:
    shutil.copytree(recorded, folder)
    async with da.Client(_url(folder)) as client, da.Worker(client, FUNCTIONS):
        handle = client.handle(name, int)
        events = (await handle.state()).history_length
        await asyncio.sleep(0.1)  # the worker has begun, and found nothing to do
        began = time.perf_counter()
        await handle.raise_event("go", 1)
        result = await handle.result()
        seconds = time.perf_counter() - began
    if result != RESULTS[name]:
        raise ValueError(f"{name} was replayed to {result} instead of {RESULTS[name]}")
    return events / seconds


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / STORE}"
