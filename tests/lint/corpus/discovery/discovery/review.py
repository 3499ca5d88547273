"""Review pools. Reviewers are people, so most of this waits."""
from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Generic, Protocol, TypeVar

import aiolimiter
import durable_async as da
import trio

from .tasks import ask_reviewer

D = TypeVar("D", contravariant=True)


class Reviewer(Protocol[D]):
    async def decide(self, document: D) -> bool: ...


class Human:
    def __init__(self, name: str) -> None:
        self.name = name

    async def decide(self, document: str) -> bool:
        await ask_reviewer(self.name, document)
        return await da.wait_for_event(f"decided:{document}", bool)


class Throttled(Human):
    def __init__(self, name: str, per_minute: int) -> None:
        super().__init__(name)
        self.limiter = aiolimiter.AsyncLimiter(per_minute)

    async def decide(self, document: str) -> bool:
        async with self.limiter:  # expect: DUR132
            return await super().decide(document)


class Gated(Human):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.gate = asyncio.Semaphore(2)
        self.open = asyncio.Event()

    async def decide(self, document: str) -> bool:
        await self.open.wait()
        async with self.gate:
            return await super().decide(document)


class Patient(Human):
    async def decide(self, document: str) -> bool:
        await trio.sleep(1)  # expect: DUR132
        return await super().decide(document)


class Blocking(Human):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.open = threading.Event()  # expect: DUR131

    async def decide(self, document: str) -> bool:
        self.open.wait(5)  # expect: DUR102
        return await super().decide(document)


class Pool(Generic[D]):
    def __init__(self, members: Sequence[Reviewer[D]]) -> None:
        self.members = members

    async def majority(self, document: D) -> bool:
        votes = await asyncio.gather(*(member.decide(document) for member in self.members))
        return sum(votes) * 2 > len(votes)


async def decisions(documents: list[str]) -> AsyncIterator[tuple[str, bool]]:
    for document in documents:
        yield document, await da.wait_for_event(f"decided:{document}", bool)


async def cancel_quietly(task: asyncio.Task[bool]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def wait_or_skip(document: str) -> None:
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):  # expect: DUR135
        async with asyncio.timeout(3600):
            await da.wait_for_event(f"decided:{document}", bool)
