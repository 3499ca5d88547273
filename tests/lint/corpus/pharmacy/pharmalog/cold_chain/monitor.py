"""The cold chain: chambers are watched, alarms are raised, boxes are thrown away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from concurrent.futures import Future, ThreadPoolExecutor

import durable_async as da
import tornado.gen
from aiolimiter import AsyncLimiter

from pharmalog.activities import ColdStore, ring_alarm
from pharmalog.common.clock import expired

logger = logging.getLogger(__name__)
LIMITS = {"2-8": (2.0, 8.0), "frozen": (-25.0, -15.0)}
limiter = AsyncLimiter(10, 60)


def within(kind: str, celsius: float) -> bool:
    low, high = LIMITS[kind]
    return low <= celsius <= high


def median(values: list[float]) -> float:
    pool = ThreadPoolExecutor(max_workers=1)  # expect: DUR131
    job: Future[list[float]] = pool.submit(sorted, values)
    return job.result()[len(values) // 2]  # expect: DUR102


async def throttled(chamber: str) -> float:
    async with limiter:  # expect: DUR132
        return await ColdStore.temperature(chamber)


async def breather() -> None:
    await tornado.gen.sleep(0.5)  # expect: DUR132
    signal.alarm(0)  # expect: DUR125


@da.orchestrator
async def watch_chamber(chamber: str, kind: str, readings: int) -> float:
    values: list[float] = []
    while len(values) < readings:
        values.append(await throttled(chamber))
        if not within(kind, values[-1]):
            await ring_alarm(chamber, f"{values[-1]:.1f}")
            ColdStore.temperature(chamber)  # expect: DUR133
        await asyncio.sleep(300)
    await breather()
    logger.info("chamber %s done", chamber)
    return median(values)


@da.orchestrator
async def quarantine(batches: dict[str, str], deadline: float) -> list[str]:
    thrown: list[str] = []
    for batch, day in batches.items():
        if expired(day):
            thrown.append(batch)
    try:
        async with asyncio.timeout(deadline):
            await da.wait_for_event("released", bool)
    except BaseException as error:  # expect: DUR135
        if isinstance(error, TimeoutError):
            return thrown
        logger.warning("quarantine ends early: %r", error)
    return []


@da.orchestrator
async def guard(chamber: str):  # expect: DUR152
    ticker = asyncio.create_task(asyncio.sleep(60))
    ticker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticker
    try:
        await ring_alarm(chamber, "test")
    except asyncio.CancelledError:
        da.continue_as_new(guard(chamber))
    return 0
