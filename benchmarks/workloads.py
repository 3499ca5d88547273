"""The workloads. Invariant: they use what a user would type and nothing else, on one SQLite file,
and check every result that they time.

A workload takes the URL of a store that does not exist yet and gives its figures, by the names
in targets.py. An activity returns its input + 1. Each worker has its default settings.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import durable_async as da

__all__ = ["WORKLOADS", "Workload"]

Workload = Callable[[str], Coroutine[Any, Any, dict[str, float]]]


@da.activity
async def add_one(value: int) -> int:
    return value + 1


@da.orchestrator
async def one_activity(value: int) -> int:
    return await add_one(value)


@da.orchestrator
async def activities_in_a_row(count: int) -> int:
    value = 0
    for _ in range(count):
        value = await add_one(value)
    return value


@da.orchestrator
async def activities_in_parallel(count: int) -> int:
    results = await asyncio.gather(*(add_one(value) for value in range(count)))
    return sum(results)


@da.orchestrator
async def wait_for_go(value: int) -> int:
    return value + await da.wait_for_event("go", int)


FUNCTIONS: Final = (
    add_one,
    one_activity,
    activities_in_a_row,
    activities_in_parallel,
    wait_for_go,
)


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[da.Client]:
    """A client and a worker, warm: every path has been taken once."""
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        handle = await client.start(activities_in_a_row(5))
        check(await handle.result(), 5)
        # A full round of the collector takes half of W3; where it falls is chance.
        gc.collect()
        yield client


def check(found: object, expected: object) -> None:
    """A workload that is quick and wrong has no figure."""
    if found != expected:
        raise ValueError(f"a workload gave {found!r} instead of {expected!r}")


async def seconds_of(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


# ---- W1: many small instances ----------------------------------------------------------------


async def many_instances(url: str, instances: int = 500, in_flight: int = 50) -> dict[str, float]:
    places = asyncio.Semaphore(in_flight)

    async def run_one(client: da.Client, value: int) -> None:
        async with places:
            handle = await client.start(one_activity(value))
            check(await handle.result(), value + 1)

    async with open_store(url) as client:
        work = asyncio.gather(*(run_one(client, value) for value in range(instances)))
        return {"instances": instances / await seconds_of(work)}


# ---- W2, W2x, W3: one large instance ---------------------------------------------------------


async def _run_to_result(client: da.Client, call: Coroutine[Any, Any, int], expected: int) -> None:
    handle = await client.start(call)
    check(await handle.result(), expected)


async def one_row(url: str, activities: int = 200) -> dict[str, float]:
    async with open_store(url) as client:
        work = _run_to_result(client, activities_in_a_row(activities), activities)
        return {"activities": activities / await seconds_of(work)}


async def one_long_row(url: str) -> dict[str, float]:
    return await one_row(url, activities=1_000)


async def one_fan_out(url: str, activities: int = 500) -> dict[str, float]:
    expected = activities * (activities + 1) // 2
    async with open_store(url) as client:
        work = _run_to_result(client, activities_in_parallel(activities), expected)
        return {"seconds": await seconds_of(work)}


# ---- W4: many rows at once -------------------------------------------------------------------


async def many_rows(url: str, instances: int = 100, activities: int = 10) -> dict[str, float]:
    async def run_one(client: da.Client) -> None:
        await _run_to_result(client, activities_in_a_row(activities), activities)

    async with open_store(url) as client:
        work = asyncio.gather(*(run_one(client) for _ in range(instances)))
        return {"activities": instances * activities / await seconds_of(work)}


# ---- W5: many waiting instances --------------------------------------------------------------

IDLE_SECONDS: Final = 2.0


async def many_waiting(url: str, instances: int = 2_000) -> dict[str, float]:
    async with open_store(url) as client:
        before = resident_kib()
        handles = await asyncio.gather(
            *(client.start(wait_for_go(value)) for value in range(instances))
        )
        await until_running(client, instances)
        memory = (resident_kib() - before) / instances
        idle = await idle_percent()

        async def deliver(handle: da.Handle[int], value: int) -> None:
            await handle.raise_event("go", 1)
            check(await handle.result(), value + 1)

        work = asyncio.gather(*(deliver(handle, value) for value, handle in enumerate(handles)))
        deliveries = instances / await seconds_of(work)
    return {"deliveries": deliveries, "memory": memory, "idle": idle}


async def until_running(client: da.Client, instances: int) -> None:
    """Their first episode, and with it the wait, is committed."""
    while True:
        if await client.count(status=da.RuntimeStatus.RUNNING) == instances:
            return
        await asyncio.sleep(0.01)


def resident_kib() -> float:
    """Of this process, after the garbage is gone."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_024


async def idle_percent() -> float:
    """CPU that this process takes while nothing happens, in percent of one core."""
    await asyncio.sleep(0.2)  # what the last commit left to do
    began = time.process_time()
    await asyncio.sleep(IDLE_SECONDS)
    return (time.process_time() - began) / IDLE_SECONDS * 100


WORKLOADS: Final[dict[str, Workload]] = {
    "W1": many_instances,
    "W2": one_row,
    "W2x": one_long_row,
    "W3": one_fan_out,
    "W4": many_rows,
    "W5": many_waiting,
}
