import asyncio
import contextlib
import select
import socket

from aiolimiter import AsyncLimiter
from orbitlink import AsyncStationClient
from tenacity import AsyncRetrying, stop_after_attempt

STATIONS = ("svalbard", "inuvik", "punta-arenas")


class GroundSegment:
    def __init__(self):
        self.client = AsyncStationClient(STATIONS[0])
        self.limiter = AsyncLimiter(4, 1)

    async def reserve(self, scene):
        async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):  # expect: DUR132
            with attempt:
                async with self.limiter:  # expect: DUR132
                    await self.client.reserve(scene)  # expect: DUR132
        await self._acknowledged(scene)

    async def _acknowledged(self, scene):
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        loop.call_later(30, answer.set_result, scene)
        await answer
        other = asyncio.new_event_loop()  # expect: DUR131
        await other.create_future()  # expect: DUR132

    async def release(self, scene):
        await self.client.release(scene)  # expect: DUR132


@contextlib.asynccontextmanager
async def downlink_window(segment, scene):
    control = socket.create_connection(("svalbard.ground", 7001))  # expect: DUR121
    ready, _, _ = select.select([control], [], [], 10)  # expect: DUR102
    reader, writer = await asyncio.open_connection("svalbard.ground", 7002)  # expect: DUR121
    try:
        yield len(ready)
    except BaseException:  # expect: DUR135
        pass
    await segment.release(scene)


@contextlib.asynccontextmanager
async def maintenance_window(station):
    async with AsyncStationClient(station).maintenance() as token:
        yield token
