from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import durable_async as da
import trio

from skyplan import uplink
from skyplan.clouds import CloudModel
from skyplan.ground import GroundSegment, downlink_window
from skyplan.passes import PassPlanner

if TYPE_CHECKING:
    import socket


@dataclass(frozen=True)
class Target:
    name: str
    latitude: float
    longitude: float
    max_cloud: float = 0.2


@da.orchestrator(version="2")
async def acquire_scene(target: Target, satellites: list[str]) -> str | None:
    planner = PassPlanner(satellites)
    model = CloudModel(seed=int(abs(target.latitude) * 1000))
    for attempt in range(10):
        window = planner.next_pass(target.latitude)
        if model.forecast(target.latitude) > target.max_cloud:
            await asyncio.sleep(timedelta(hours=6).total_seconds())
            continue
        jittered = window.offset + model.noise()
        satellite = planner.pick(window)
        scene = await uplink.command(satellite, target.name, jittered)
        if scene:
            break
        await trio.sleep(5)  # expect: DUR132
    else:
        return None
    segment = GroundSegment()
    await segment.reserve(scene)
    async with downlink_window(segment, scene) as channel:
        uplink.log_downlink(channel)  # expect: DUR133
    return scene


@da.orchestrator
async def watch_area(target: Target, hours: int, link: socket.socket) -> int:  # expect: DUR152
    taken = 0
    while True:
        if await acquire_scene(target, ["SK-1", "SK-2"]):
            taken += 1
        if taken >= math.ceil(hours / 24):
            return taken
        await da.sleep(timedelta(days=1))


@da.orchestrator
async def station_keeping(satellite: str) -> None:
    while True:  # expect: DUR151
        drift = await uplink.measure_drift(satellite)
        if drift > 0.05:
            await uplink.command(satellite, "burn", drift)
        await asyncio.sleep(86_400)
