"""Observes the sky; everything dirty is behind the walls."""

from __future__ import annotations

import asyncio

import durable_async as da

from .tasks import Archive, observe, reduce

retrying = observe.options(retry=da.RetryPolicy(max_attempts=2), timeout=60)


async def one(target: str) -> str:
    frame = await retrying(target)
    if not await reduce(frame):
        raise LookupError(target)
    return await Archive.store(frame)


@da.orchestrator
async def observe_night(catalogue: str) -> list[str]:
    names = await Archive.names(catalogue)
    first = await one(names[0])
    rest = await asyncio.gather(*map(one, names[1:]))
    steps = {"observe": observe, "reduce": reduce}
    blob = await steps["observe"](names[0])
    size = await asyncio.wait_for(reduce.options(tags={"k": "v"})(blob), 60)
    return [first, *rest, str(size)]
