"""Activities on the site."""

import asyncio
import os
import socket

import durable_async as da

from .clock import Stopwatch


@da.activity
async def siren(seconds: int) -> float:
    watch = Stopwatch()
    await asyncio.sleep(seconds)
    return watch.lap()


@da.activity
async def fire(hole: str, delay_ms: int) -> bool:
    reader, writer = await asyncio.open_connection(os.environ["BLASTER"], 99)
    writer.write(f"{hole}:{delay_ms}".encode())
    return bool(await reader.read(1))


@da.activity
def road_closed(road: str) -> bool:
    return socket.gethostname() != road
