"""Orchestrators of the maintenance centre."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import durable_async as da

import windpark.handlers  # noqa: F401
from windpark.bus import BladeIced, CraneBooked, Event, EventBus, GearboxHot, WindTooStrong
from windpark.turbines.control import call_crew, read_sensor, stop_turbine
from windpark.turbines.limits import balance, jitter, sectors


def classify(turbine: str, readings: dict[str, float]) -> Event:
    if readings["wind"] > 25:
        return WindTooStrong(turbine=turbine, metres_per_second=readings["wind"])
    if readings["ice"]:
        return BladeIced(turbine=turbine, blades=frozenset("ABC"))
    return GearboxHot(turbine=turbine, celsius=readings["gearbox"])


@da.orchestrator
async def inspect(turbine: str) -> list[str]:
    bus = EventBus(turbine)
    readings = {}
    for name in ("wind", "ice", "gearbox"):
        readings[name] = await read_sensor(turbine, name)
        await asyncio.sleep(jitter(turbine, len(readings)))
    await bus.publish(classify(turbine, readings))
    if bus.backlog():
        await call_crew(turbine, "today")
    return bus.kinds()


@da.orchestrator
async def crane_job(turbine: str, days: set[str], loads: frozenset[int]) -> str:
    bus = EventBus(f"crane-{turbine}")
    chosen = None
    for day in days:  # expect: DUR134
        crew = await call_crew(turbine, day)
        if len(crew) == 3:
            chosen = day
            break
    if chosen is None:
        return "no crew"
    await bus.publish(CraneBooked(turbine=turbine, day=chosen))
    da.sleep(timedelta(hours=4))  # expect: DUR133
    plan = sectors(days)
    for load in balance(loads):
        await asyncio.sleep(load)
    return f"{chosen}: {plan}"


@da.orchestrator
async def watch(turbine: str) -> None:
    bus = EventBus(turbine)
    while 1:  # expect: DUR151
        try:
            celsius = await da.wait_for_event("gearbox", float)
        except ValueError:
            continue
        for limit in (80, 90):
            if celsius > limit:
                break
        else:
            continue
        await bus.publish(GearboxHot(turbine=turbine, celsius=celsius))


@da.orchestrator
async def storm(park: str, turbines: list[str]):  # expect: DUR152
    bus = EventBus(park)
    try:
        await asyncio.gather(*[stop_turbine(turbine) for turbine in turbines])
    finally:
        if not turbines:
            return 0  # expect: DUR135
    groups = {turbine.split("-")[0] for turbine in turbines}
    for group in sorted(groups):
        await bus.publish(WindTooStrong(turbine=group, metres_per_second=28.0))
    return len(groups)
