"""Durable awaits only: asyncio's own, anyio's safe ones, the project's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Generator

import agrolink
import anyio


class Valve:
    """An awaitable of ours."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = asyncio.Event()
        self.lock = asyncio.Lock()
        self.changed = asyncio.Condition()

    def __await__(self) -> Generator[None, None, str]:
        while not self.ready.is_set():
            yield
        return self.name

    async def __aenter__(self) -> "Valve":
        await self.lock.acquire()
        return self

    async def __aexit__(self, *details: object) -> None:
        self.lock.release()

    async def wait(self) -> None:
        async with self.changed:
            await self.changed.wait()


class Stream:
    def __init__(self, items: list[str]) -> None:
        self.items = list(items)

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> str:
        if not self.items:
            raise StopAsyncIteration
        await asyncio.sleep(0)
        return self.items.pop()


@contextlib.asynccontextmanager
async def opened(valve: Valve) -> AsyncIterator[str]:
    valve.ready.set()
    async with valve:
        yield valve.name


async def on_own_loop() -> int:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(5, future.set_result, 1)
    return await future


async def with_anyio(name: str) -> str:
    with anyio.move_on_after(5):
        await anyio.sleep(1)
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 1)
    return name


async def pipeline(items: list[str]) -> list[str]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    for item in items:
        await queue.put(item)
    barrier = asyncio.Barrier(1)
    await barrier.wait()
    return [await queue.get() for _ in items]


async def given(action: Callable[[], Awaitable[str]]) -> str:
    async with asyncio.Semaphore(2), asyncio.timeout(5):
        return await action()


def vendor_units(text: str) -> str:
    return agrolink.UNITS.get(text, text)


async def vendor_only(name: str) -> str:
    return await agrolink.describe(name)
