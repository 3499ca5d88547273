"""One flow for every way of writing the decorator."""

from __future__ import annotations

import time

import attrs
import durable_async
import durable_async as da
from durable_async import activity, entity, orchestrator
from durable_async import orchestrator as root

import ferries

from . import engine
from .engine import job, lib, voyage
from .engine import orchestrator as starred


@orchestrator
async def load_cars(ferry: str) -> float:
    return time.time()  # expect: DUR101


@durable_async.orchestrator()
async def load_trucks(ferry: str) -> float:
    return time.time()  # expect: DUR101


@da.orchestrator(name="load-bikes", version="2")
async def load_bikes(ferry: str) -> float:
    return time.time()  # expect: DUR101


@root
async def load_people(ferry: str) -> float:
    return time.time()  # expect: DUR101


@ferries.flow
async def load_freight(ferry: str) -> float:
    return time.time()  # expect: DUR101


@engine.flow(version="1")
async def load_mail(ferry: str) -> float:
    return time.time()  # expect: DUR101


@voyage
async def load_fuel(ferry: str) -> float:
    return time.time()  # expect: DUR101


@lib.orchestrator
async def load_water(ferry: str) -> float:
    return time.time()  # expect: DUR101


@starred
async def load_food(ferry: str) -> float:
    return time.time()  # expect: DUR101


@entity(name="deck")
@attrs.define
class Deck:
    cars: int = 0

    async def park(self, count: int) -> float:
        self.cars += count
        return time.time()  # expect: DUR101

    def _count(self) -> float:
        return time.monotonic()


@activity
async def clean(ferry: str) -> float:
    return time.time()


@da.activity(timeout=5)
def paint(ferry: str) -> float:
    time.sleep(1)
    return time.time()


@job
async def refuel(ferry: str) -> float:
    return time.time()


@engine.job(name="dock-it")
async def dock(ferry: str) -> float:
    return time.time()


@root
async def crossing(ferry: str) -> float:
    return await clean(ferry) + await paint(ferry) + await refuel(ferry) + await dock.options(timeout=3)(ferry)


async def unmarked(ferry: str) -> float:
    return time.time()
