from __future__ import annotations

import asyncio
from datetime import timedelta

import durable_async as da

from rental.fleet import telemetry
from rental.fleet.shop import Workshop, order_parts


@da.orchestrator
async def keep_fleet(cars: list[str], week: int) -> None:
    """One run a week, then a fresh history."""
    async with asyncio.TaskGroup() as group:
        for car in cars:
            group.create_task(service_car(car))
    await asyncio.sleep(timedelta(weeks=1).total_seconds())
    da.continue_as_new(keep_fleet(cars, week + 1))


@da.orchestrator
async def service_car(car: str) -> list[str]:
    reading = telemetry.last(car)
    if not telemetry.plausible(reading):
        return []
    shop = Workshop(car)
    parts = [part async for part in shop.diagnose()]
    if order_parts(car, parts).count:  # expect: DUR133
        parts.append("ordered")
    await shop.wait_until_done()
    return parts


@da.orchestrator(name="service_car")
async def service_van(car: str) -> list[str]:  # expect: DUR152
    return [await da.wait_for_event(f"van-{car}", str)]
