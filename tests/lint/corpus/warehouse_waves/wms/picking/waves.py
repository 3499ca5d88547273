"""Waves: which orders are picked together, by whom, in which order."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import durable_async as da

from ..stock import *
from ..stock.locations import Aisle, route
from . import labels
from .robots import Fleet, default_fleet


@dataclass
class Line:
    sku: str
    quantity: int
    aisle: int


@dataclass
class Wave:
    number: int
    lines: list[Line]
    zones: set[str] = field(default_factory=set)
    aisles: set[int] = field(default_factory=set)

    def __iter__(self):
        return iter(self.lines)


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def pick(robot: str, sku: str, quantity: int) -> int:
    return quantity


@da.activity
async def ship(parcel: str) -> str: ...


@da.activity
async def light(zone: str, on: bool) -> None: ...


class Planner:
    def __init__(self, fleet, stock=None):
        self.fleet = fleet
        self.stock = stock or Stock("main")
        self.queue: deque[Line] = deque()

    def enqueue(self, wave: Wave) -> None:
        self.queue.extend(sorted(wave, key=lambda line: (line.aisle, line.sku)))
        self.stock.reserve(Counter(line.sku for line in wave))

    async def work(self) -> int:
        picked = 0
        while self.queue:
            line = self.queue.popleft()
            robot = self.fleet.next_free()
            picked += await pick(robot, line.sku, line.quantity)
        return picked


@da.orchestrator
async def run_wave(wave: Wave) -> list[str]:
    planner = Planner(default_fleet())
    planner.enqueue(wave)
    await asyncio.gather(*(light(zone, True) for zone in wave.zones))  # expect: DUR134
    async with asyncio.timeout(4 * 3600):
        await planner.work()
    for aisle in wave.aisles:
        da.set_custom_status(str(Aisle(aisle)))
    parcels = [labels.parcel(wave.number, n) for n in range(len(wave.lines))]
    tasks = {asyncio.create_task(ship(parcel)) for parcel in parcels}
    tracked = []
    for done in asyncio.as_completed(tasks):
        tracked.append(await done)
    first = next(iter(wave.zones), "dock")  # expect: DUR134
    light(first, False)  # expect: DUR133
    return tracked


@da.orchestrator
async def wave_clock(site: str, interval: int) -> None:
    for tick in count():  # expect: DUR151
        await asyncio.sleep(interval)
        await light(site, tick % 2 == 0)


@da.orchestrator
async def night_shift(site: str, until: datetime) -> int:
    rounds = 0
    while True:
        rounds += 1
        await light(site, True)
        if da.now() + timedelta(hours=1) > until:
            break
        await da.sleep(timedelta(hours=1))
    return rounds
