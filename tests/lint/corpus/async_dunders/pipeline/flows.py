"""Moves loads."""

import durable_async as da

from .pieces import Batches, Cargo, Lane, Load, Ticket, produced


@da.orchestrator
async def move_loads(name: str) -> str:
    total = await Ticket()
    async with Lane() as lane:
        total += len(lane.key)
    async for batch in Batches():
        total += batch
    cargo = Cargo()
    total += cargo[name]
    del cargo[name]
    load, other = Load(1), Load(2) >> 1
    load |= 2
    texts = [text async for text in produced(3)]
    return f"{total} {abs(load)} {~load} {load @ other} {texts}"
