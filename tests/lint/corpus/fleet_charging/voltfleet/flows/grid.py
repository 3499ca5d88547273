"""Grid operator's signals: curtailment and its end."""

import asyncio
import concurrent.futures
import gc
import multiprocessing
import os

import durable_async as da
from rich import print as show

from voltfleet.activities import start_charging, stop_charging
from voltfleet.flows.charging import depot_day


def weights(points):
    gc.collect()  # expect: DUR125
    return {point: 1 / (index + 1) for index, point in enumerate(points)}


def solve(points):
    with multiprocessing.Pool(2) as workers:  # expect: DUR131
        return workers.map(len, points)


def budget(points):
    pool = concurrent.futures.ProcessPoolExecutor()  # expect: DUR131
    future = pool.submit(sum, range(10))
    return future.result(timeout=5) * len(points)  # expect: DUR102


async def quiet(session):
    try:
        await stop_charging(session)
    except BaseException:  # expect: DUR135
        return False
    return True


async def loud(session):
    try:
        await stop_charging(session)
    except Exception as error:
        show(session, error)  # expect: DUR143
        return False
    return True


@da.orchestrator
async def curtail(points: list[str], ampere: int, reason) -> int:  # expect: DUR152
    shares = weights(points)
    sessions = []
    for point, load in zip(points, solve(points)):
        sessions.append(await start_charging(point, int(ampere * shares[point]) + load))
    limit = os.cpu_count() or 1  # expect: DUR125
    await asyncio.wait_for(da.wait_for_event("lifted"), timeout=budget(points) * limit)
    outcome = await asyncio.gather(*map(quiet, sessions))
    outcome += await asyncio.gather(*(loud(session) for session in sessions))
    if depot_day("north") == 0:  # expect: DUR133
        return 0
    child = depot_day("south", 1)
    return await child + sum(outcome)
