import asyncio
import functools
import logging
from typing import Awaitable, Callable, ParamSpec, TypeVar

import durable_async as da

from . import plan as planning
from . import site
from .clock import Frozen, Stopwatch
from .plan import Hole, Plan

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)


def measured(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    def decorate(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        laps: list[float] = []

        @functools.wraps(fn)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            watch = Stopwatch()
            try:
                return await fn(*args, **kwargs)
            finally:
                laps.append(watch.lap())  # expect: DUR141
                log.info("%s took %s", name, laps[-1])

        return wrapper

    return decorate


@measured("roads")
async def close_roads(roads: set[str], on_closed: Callable[[str], None]) -> None:
    async def close(road: str) -> None:
        while not await site.road_closed(road):
            await asyncio.sleep(30)
        on_closed(road)

    async with asyncio.TaskGroup() as group:
        for road in roads:  # expect: DUR134
            group.create_task(close(road))


async def fire_all(plan: Plan, order: list[Hole]) -> dict[str, bool]:
    delays = plan.delays()
    calls = {hole.id: site.fire(hole.id, delays[hole.id]) for hole in order}
    results = await asyncio.gather(*calls.values())
    return dict(zip(calls, results, strict=True))


@da.orchestrator
async def blast(rows: int, columns: int, roads: list[str]) -> dict[str, bool]:
    plan = Plan([hole.loaded(2.5) for hole in planning.grid(rows, columns)])
    practice = Plan(plan.holes, clock=Frozen(0.0))
    closed: list[str] = []
    await close_roads(set(roads), on_closed=closed.append)
    word = planning.code(4)
    try:
        spoken = await asyncio.wait_for(da.wait_for_event("code", str), timeout=900)
    except TimeoutError:
        spoken = ""
    if spoken != word:
        return {}
    await site.siren(5)
    settings = planning.use_template(rows) if rows > 5 else planning.use_copy(rows)
    result = await fire_all(practice, practice.shuffled())
    for tag in plan.tags():
        await site.siren(len(tag) + settings["rows"])
    return {**result, "tags": plan.tag_count() > 0}


@da.orchestrator
async def all_clear(sites: list[str]) -> bool:
    for name in sites:
        ready = site.road_closed(name)  # expect: DUR133
        if not ready:
            return False
    while True:
        if await da.wait_for_event("clear", bool):
            return True
        await asyncio.sleep(60)
