"""Everything that talks to hardware: activities."""
from __future__ import annotations

import asyncio
import random
import struct
import subprocess

import durable_async as da

from ..common import Position, metrics
from ..common.backoff import Backoff, patient

PORT = 14550


async def _ask(drone: str, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(f"{drone}.fleet.internal", PORT)
    try:
        writer.write(struct.pack("!H", len(message)) + message)
        await writer.drain()
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        return await reader.readexactly(size)
    finally:
        writer.close()


@da.activity(timeout=20)
async def telemetry(drone: str) -> dict[str, float]:
    with metrics.timer("telemetry"):
        raw = await patient(lambda: _ask(drone, b"T"), Backoff(rng=random.Random()))
    lat, lon, battery, wind = struct.unpack("!dddd", raw)
    return {"lat": lat, "lon": lon, "battery": battery, "wind": wind}


@da.activity(on_lost="fail")
async def command(drone: str, verb: str, lat: float = 0.0, lon: float = 0.0) -> bool:
    return await _ask(drone, verb.encode() + struct.pack("!dd", lat, lon)) == b"OK"


@da.activity
def calibrate(drone: str) -> str:
    return subprocess.run(["calibrate", drone], capture_output=True, text=True, check=True).stdout


@da.activity
async def page_operator(text: str) -> None:
    await _ask("ops-console", text.encode())


async def where(drone: str) -> Position:
    data = await telemetry(drone)
    return Position(data["lat"], data["lon"])
