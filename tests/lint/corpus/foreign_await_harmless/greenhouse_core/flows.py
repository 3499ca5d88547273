"""Opens valves."""

import asyncio
from functools import partial

import durable_async as da

from . import primitives
from .primitives import Stream, Valve


@da.activity
async def describe(name: str) -> str:
    return await primitives.vendor_only(name)


@da.orchestrator
async def open_valves(names: list[str]) -> list[str]:
    result = []
    for name in names:
        valve = Valve(name)
        async with primitives.opened(valve) as text:
            result.append(text)
        result.append(await valve)
    async for item in Stream(names):
        result.append(primitives.vendor_units(item))
    result.append(await primitives.given(partial(describe, "x")))
    result.append(await primitives.with_anyio("y"))
    result += await primitives.pipeline(names)
    async for request in da.requests("status", str):
        request.reply(len(result))
        if len(result) > await primitives.on_own_loop():
            break
    async with asyncio.TaskGroup() as group:
        waiter = group.create_task(asyncio.shield(describe("z")))
    return result + [waiter.result()]
