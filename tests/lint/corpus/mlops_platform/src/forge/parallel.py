"""Helpers for CPU-heavy parts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor


def crunch(values: list[float]) -> float:
    return sum(value * value for value in values)


def in_pool(values: list[float]) -> float:
    with ThreadPoolExecutor(2) as pool:  # expect: DUR131
        future: Future[float] = pool.submit(crunch, values)
        return future.result()  # expect: DUR102


async def off_loop(values: list[float]) -> float:
    return await asyncio.to_thread(crunch, values)  # expect: DUR131


async def off_loop_by_hand(values: list[float]) -> float:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, crunch, values)  # expect: DUR131


def guarded(action: Callable[[], None]) -> None:
    lock = threading.Lock()  # expect: DUR131
    if not lock.locked():
        action()


async def limited(values: list[float], limit: asyncio.Semaphore) -> float:
    async with limit:
        return crunch(values)


def notebook(values: list[list[float]]) -> list[float]:
    with ProcessPoolExecutor() as pool:
        return list(pool.map(crunch, values))
