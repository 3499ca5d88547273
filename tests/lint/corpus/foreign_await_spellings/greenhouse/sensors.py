"""Reads sensors through a vendor's asynchronous library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import agrolink
import trio
from aiolimiter import AsyncLimiter
from agrolink.auth import login as vendor_login
from agrolink.client import GreenhouseClient

_limiter = AsyncLimiter(10)


class Sensor:
    def __init__(self, client: GreenhouseClient, name: str) -> None:
        self.client = client
        self.name = name
        self.session = agrolink.Session(name)

    async def read(self) -> float:
        return await self.client.read(self.name)  # expect: DUR132

    async def open(self) -> None:
        async with self.session:  # expect: DUR132
            self.name = self.name.lower()

    async def values(self) -> AsyncIterator[float]:
        async for value in self.session.values():  # expect: DUR132
            yield value

    async def all(self) -> list[float]:
        return [value async for value in agrolink.history(self.name)]  # expect: DUR132


async def wait_a_bit() -> None:
    await trio.sleep(1)  # expect: DUR132


async def limited(sensor: Sensor) -> str:
    async with _limiter:  # expect: DUR132
        return sensor.name


async def token(user: str) -> str:
    return await vendor_login(user)  # expect: DUR132


async def first(sensor: Sensor) -> float:
    async with agrolink.connect(sensor.name) as link:  # expect: DUR132
        return float(link)


async def handmade() -> str:
    loop = asyncio.new_event_loop()  # expect: DUR131
    future = loop.create_future()
    return await future  # expect: DUR132


async def timed(sensor: Sensor) -> float:
    call = agrolink.measure(sensor.name)
    return await call  # expect: DUR132


async def nursery() -> None:
    async with trio.open_nursery() as group:  # expect: DUR132
        group.cancel_scope.cancel()


async def offline(sensor: Sensor) -> float:
    return await agrolink.measure(sensor.name)
