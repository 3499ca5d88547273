"""Loops with a way out."""

from __future__ import annotations

import asyncio
from itertools import count

import durable_async as da


@da.activity
async def pump(name: str) -> int:
    return len(name)


@da.orchestrator
async def breaking_pump(name: str) -> int:
    while True:
        level = await pump(name)
        if level > 3:
            break
    return level


@da.orchestrator
async def returning_pump(name: str) -> int:
    while True:
        try:
            return await asyncio.wait_for(da.wait_for_event(name, int), 60)
        except TimeoutError:
            await pump(name)


@da.orchestrator
async def raising_pump(name: str) -> None:
    while True:
        if await pump(name) > 10:
            raise RuntimeError(name)
        await asyncio.sleep(1)


@da.orchestrator
async def renewing_pump(name: str, rounds: int = 0) -> None:
    while True:
        await asyncio.sleep(60)
        rounds += 1
        if rounds == 100:
            da.continue_as_new(renewing_pump(name, 0))


@da.orchestrator
async def conditional_pump(name: str) -> None:
    running = True
    while running:
        running = await pump(name) > 0


@da.orchestrator
async def counted_pump(name: str) -> int:
    for number in count(1):
        if await pump(name) == number:
            return number
    return 0


@da.orchestrator
async def limited_pump(name: str) -> None:
    for _ in range(1_000):
        await pump(name)


@da.orchestrator
async def computing_pump(value: int) -> int:
    while True:
        value = value // 2 if value % 2 == 0 else 3 * value + 1
        if value == 1:
            return await pump(str(value))


@da.orchestrator
async def matching_pump(name: str) -> str:
    while True:
        match await da.wait_for_event("command", str):
            case "stop":
                break
            case other:
                await pump(other)
    return name


@da.orchestrator
async def iterating_pump(name: str) -> None:
    async for level in da.events("level", int):
        await pump(f"{name}-{level}")
