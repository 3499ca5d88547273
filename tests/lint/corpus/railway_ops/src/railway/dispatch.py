from __future__ import annotations

import asyncio
import random as rnd
from datetime import time
from functools import partial
from types import SimpleNamespace

import durable_async as da

from .field import set_points, whistle
from .signals import Interlocking, drain
from .timetable import Slot, Timetable, in_minutes

SLOTS = [Slot("S1", time(5, 30)), Slot("S7", time(6, 0))]


async def _run(train: str, route: list[str], interlocking: Interlocking, log: asyncio.Queue[str]) -> None:
    for name in route:
        async with interlocking.section(name):
            with interlocking.recorded(name, train):
                await set_points(name, train)
        log.put_nowait(f"{train}@{name}")


def _later(delay: float, action, *args) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay, action, *args)


def _tick(state: SimpleNamespace) -> None:
    state.ticks += rnd.randint(1, 2)  # expect: DUR111


@da.orchestrator
async def morning(trains: dict[str, list[str]]) -> list[str]:
    state = SimpleNamespace(ticks=0)
    interlocking, log = Interlocking(), asyncio.Queue()
    _later(30, _tick, state)
    runs = [_run(train, route, interlocking, log) for train, route in trains.items()]
    results = await asyncio.gather(*runs, return_exceptions=True)
    failed = {type(r).__name__ for r in results if isinstance(r, Exception)}
    return await drain(log) + sorted(failed) + [str(state.ticks)]


@da.orchestrator
async def announce(line: str) -> str:
    table = Timetable(SLOTS)
    minutes = in_minutes(table.next(line))
    shout = partial(whistle, volume=3)
    for other in table.lines() - {line}:  # expect: DUR134
        await shout(other)
    first, *rest = table.lines()  # expect: DUR134
    order = rnd.Random(line).sample(sorted(rest), k=len(rest))
    shout(first)  # expect: DUR133
    return f"{line} in {minutes}, then {', '.join(order)}"


@da.orchestrator
async def watch(section: str) -> str:
    inner = asyncio.create_task(da.wait_for_event(section, str))
    try:
        return await asyncio.shield(inner)
    except asyncio.CancelledError:
        await whistle("stop", 1)
        raise
    except BaseException as error:
        return f"{error}"
