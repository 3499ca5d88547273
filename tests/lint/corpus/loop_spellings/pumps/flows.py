"""Flows that never end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import durable_async as da

from .watching import Watcher, drain_forever


@da.activity
async def pump(name: str) -> int:
    level = 0
    while True:
        await asyncio.sleep(1)
        level += 1


@da.orchestrator
async def plain_pump(name: str) -> None:
    while True:  # expect: DUR151
        await pump(name)
        await da.sleep(60)


@da.orchestrator
async def numbered_pump(name: str) -> None:
    while 1:  # expect: DUR151
        async with asyncio.timeout(60):
            await pump(name)


@da.orchestrator
async def counting_pump(name: str) -> None:
    for number in itertools.count():  # expect: DUR151
        da.set_custom_status(number)
        await asyncio.sleep(number)


@da.orchestrator
async def suppressing_pump(name: str) -> None:
    while True:  # expect: DUR151
        with contextlib.suppress(ValueError):
            await da.wait_for_event("level", int)


@da.orchestrator
async def inner_break_pump(names: list[str]) -> None:
    while True:  # expect: DUR151
        for name in names:
            if await pump(name) > 3:
                break
        await asyncio.sleep(5)


@da.orchestrator
async def inner_return_pump(name: str) -> None:
    while True:  # expect: DUR151
        def level() -> int:
            return len(name)

        await asyncio.sleep(level())


@da.orchestrator
async def gathering_pump(names: list[str]) -> None:
    while True:  # expect: DUR151
        await asyncio.gather(*(pump(name) for name in names))


@da.orchestrator
async def delegated_pump(name: str) -> None:
    watcher = Watcher(name)
    await watcher.ready()
    await asyncio.gather(watcher.run(), drain_forever(name))


@da.orchestrator
async def event_pump(name: str) -> None:
    async with asyncio.TaskGroup() as group:
        while True:  # expect: DUR151
            level = await da.wait_for_event("level", int)
            group.create_task(pump(f"{name}-{level}"))
