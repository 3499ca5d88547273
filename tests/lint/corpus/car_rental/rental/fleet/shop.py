from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import durable_async as da

CHECKS = ("brakes", "tyres", "oil")


@da.activity
async def order_parts(car: str, parts: list[str]) -> int:
    return random.randint(1, 10) + len(parts)


@da.activity
async def check(car: str, what: str) -> bool:
    return random.random() < 0.2


class Workshop:
    def __init__(self, car: str) -> None:
        self.car = car
        self.done = asyncio.Event()

    async def diagnose(self) -> AsyncIterator[str]:
        for what in CHECKS:
            if await check(self.car, what):
                yield what
        asyncio.get_running_loop().call_later(60, self.done.set)

    async def wait_until_done(self) -> None:
        await self.done.wait()
        self._close()
        asyncio.sleep(1)  # expect: DUR133
        self._report()  # expect: DUR133

    def _close(self) -> None:
        self.done = asyncio.Event()

    async def _report(self) -> None:
        await check(self.car, "report")
