from __future__ import annotations

import asyncio
import contextlib
import logging

import durable_async as da

from .common import Backoff, Position, detour, distance_m, metrics, poll
from .common.backoff import patient
from .fleet import radio
from .fleet.airspace import Airspace
from .fleet.states import Event, IllegalTransition, Mission, Mode

log = logging.getLogger(__name__)
DEPOT = Position(52.50, 13.40)
MAX_WIND = 11.0


async def fly(mission: Mission, goal: Position) -> None:
    """Cruise to ``goal``, holding in strong wind."""
    for waypoint in detour(await radio.where(mission.drone), goal, steps=8):
        await patient(lambda p=waypoint: radio.command(mission.drone, "goto", *p), Backoff())
        while True:
            data = await radio.telemetry(mission.drone)
            if data["battery"] < 0.25:
                mission.on(Event.BATTERY, da.now())
                return
            if data["wind"] > MAX_WIND and mission.mode is Mode.CRUISE:
                mission.on(Event.WIND, da.now())
                await radio.command(mission.drone, "hover")
            elif data["wind"] <= MAX_WIND and mission.mode is Mode.HOLD:
                mission.on(Event.CALM, da.now())
            if distance_m(Position(data["lat"], data["lon"]), waypoint) < 15:
                break
            await asyncio.sleep(5)


@da.orchestrator
async def deliver(drone: str, parcel: str, lat: float, lon: float) -> list[tuple[float, str]]:
    target = Position(lat, lon)
    mission = Mission(drone, target)
    air = Airspace("berlin")
    clearance = await air.clearance(drone, detour(DEPOT, target, steps=8))
    if not clearance.granted:
        await radio.page_operator(f"{parcel}: no clearance, {air.describe([DEPOT, target])}")
        return []

    async with da.lock(f"pad-{hash(drone) % 4}"):  # expect: DUR125
        mission.on(Event.LOADED, da.now())
        await poll(lambda: radio.telemetry(drone), lambda t: t["battery"] > 0.9, every=30)
        await radio.command(drone, "launch")
        mission.on(Event.LAUNCHED, da.now())

    try:
        with metrics.timer("flight"):
            await fly(mission, target)
        if mission.mode is not Mode.RETURN:
            mission.on(Event.ARRIVED, da.now())
            await radio.command(drone, "drop")
            mission.on(Event.DROPPED, da.now())
        await fly(mission, DEPOT)
    except IllegalTransition as err:
        log.error("%s: %s", drone, err)
        mission.on(Event.FAULT, da.now())
        if not radio.command(drone, "land"):  # expect: DUR133
            await radio.page_operator(f"{drone} does not answer")
    except asyncio.CancelledError:
        await radio.command(drone, "home")
        raise
    metrics.count("delivered")
    return mission.log


async def watch_wind(drones: set[str]) -> None:
    while True:  # expect: DUR151
        readings = await asyncio.gather(*(radio.telemetry(d) for d in sorted(drones)))
        if max(r["wind"] for r in readings) > 2 * MAX_WIND:
            await radio.page_operator("storm")
        await asyncio.sleep(300)


@da.orchestrator
async def ground_fleet(drones: set[str], why: str) -> int:
    """Everyone comes home. A drone that fails does not keep the others up."""
    landed: set[str] = set()

    async def home(drone: str) -> None:
        with contextlib.suppress(da.ActivityTimeoutError):
            if await radio.command(drone, "home"):
                landed.add(drone)

    watch = asyncio.create_task(watch_wind(drones))
    try:
        async with asyncio.TaskGroup() as group:
            for drone in drones:  # expect: DUR134
                group.create_task(home(drone), name=f"home-{drone}")
    finally:
        watch.cancel()
    lost = drones - landed
    await radio.page_operator(f"{why}: {len(landed)} home, lost {lost}")  # expect: DUR134
    try:
        await watch
    except asyncio.CancelledError:  # expect: DUR135
        log.info("wind watch ended")
    return len(landed)


@da.orchestrator
async def maintenance(drones: list[str]) -> dict[str, str]:
    results: dict[str, str] = {}
    tasks = {d: asyncio.create_task(radio.calibrate(d)) for d in drones}
    for drone, task in tasks.items():
        try:
            results[drone] = await task
        except Exception as err:
            results[drone] = f"failed: {err}"
    ordered = {hash(len(d)): d for d in drones}
    log.debug("%s", ordered)
    return results
