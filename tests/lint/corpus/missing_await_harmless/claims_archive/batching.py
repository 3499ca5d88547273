"""Calls that are awaited later, elsewhere, or given to somebody who awaits them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import AsyncExitStack

import durable_async as da


@da.activity
async def file(claim: str) -> int:
    return len(claim)


@da.activity
def stamp(claim: str) -> str:
    return claim


async def index(claim: str) -> int:
    return await file(claim)


def prepared(claim: str) -> Awaitable[int]:
    return file(claim)


def collected(claims: list[str]) -> list[Awaitable[int]]:
    calls = []
    for claim in claims:
        calls.append(file(claim))
    return calls


def by_name(claims: list[str]) -> dict[str, Coroutine[None, None, int]]:
    return {claim: index(claim) for claim in claims}


async def later(claim: str) -> int:
    call = file(claim)
    await asyncio.sleep(1)
    return await call


async def first_of(claim: str) -> set[int]:
    tasks = [asyncio.create_task(file(claim)), asyncio.ensure_future(index(claim))]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return {task.result() for task in done}


async def chosen(claim: str, fast: bool) -> int:
    return await (file(claim) if fast else index(claim))


async def with_stack(claim: str) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(index, claim)
        await stack.enter_async_context(asyncio.timeout(5))


async def background(claim: str, tasks: set[asyncio.Task[int]]) -> None:
    task = asyncio.create_task(index(claim))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def plain(claim: str) -> str:
    return stamp.fn(claim)


class Archive:
    def __init__(self) -> None:
        self.pending: list[Awaitable[int]] = []

    def sleep(self, seconds: float) -> float:
        return seconds

    def add(self, claim: str) -> None:
        self.pending.append(file(claim))

    async def flush(self) -> list[int]:
        self.sleep(3)
        return list(await asyncio.gather(*self.pending))


async def not_reached(claim: str) -> None:
    index(claim)
    asyncio.sleep(3)
