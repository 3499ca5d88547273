"""The new controller has the same methods, on asyncio's classes."""

from __future__ import annotations

import asyncio


class Controller:
    def __init__(self, event: asyncio.Event, condition: asyncio.Condition, barrier: asyncio.Barrier) -> None:
        self.event = event
        self.condition = condition
        self.barrier = barrier
        self.inbox: asyncio.Queue[str] = asyncio.Queue(10)

    async def started(self) -> bool:
        return await self.event.wait()

    async def changed(self) -> None:
        async with self.condition:
            await self.condition.wait()

    async def ready(self) -> None:
        async with self.condition:
            await self.condition.wait_for(self.event.is_set)

    async def together(self) -> int:
        return await self.barrier.wait()

    async def push(self, item: str) -> None:
        await self.inbox.put(item)

    async def pull(self) -> str:
        return await self.inbox.get()


class Ticket:
    """Has a result() and a wait() of its own."""

    def __init__(self, value: int) -> None:
        self.value = value

    def result(self) -> int:
        return self.value

    def wait(self) -> bool:
        return self.value > 0

    def get(self) -> int:
        return self.value

    def sleep(self) -> "Ticket":
        return Ticket(self.value + 1)


def make() -> Controller:
    return Controller(asyncio.Event(), asyncio.Condition(), asyncio.Barrier(1))


def settle(future: asyncio.Future[int]) -> int:
    return future.result()


def input(text: str) -> str:
    return text.strip()


def ask() -> str:
    return input("continue? ")


async def nap(sleep=asyncio.sleep) -> None:
    await sleep(0.5)
