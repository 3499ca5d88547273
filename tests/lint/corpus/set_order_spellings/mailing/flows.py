"""Sends newsletters."""

import asyncio

import durable_async as da

from . import audience
from .audience import PRIORITY, Segment


@da.activity
async def send(address: str, subject: str) -> bool:
    return all([address, subject, [part for part in set(subject)]])


@da.orchestrator
async def send_newsletter(words: list[str], scores: dict[str, int]) -> list[str]:
    segment = Segment("a", set(words)) | Segment("b", {"x"})
    addresses = audience.common(scores, {"a": 1}) + audience.listing(words) + [segment.first()]
    for address in PRIORITY:  # expect: DUR134
        await send(address, "early")
    for _, address in segment.rows():
        await send(address, "row")
    for address in segment.walk():
        await send(address, audience.take(segment.members))
    calls = {send(address, "late") for address in addresses}
    await asyncio.gather(*calls)
    helpers = {deliver(address) for address in addresses}
    await asyncio.gather(*helpers)  # expect: DUR134
    for future in asyncio.as_completed({deliver("a"), deliver("b")}):  # expect: DUR134
        await future
    addresses += audience.starred(segment.members) + audience.upper(segment.members) + audience.allowed(segment.members)
    addresses += audience.tuple_of(segment.members) + tuple(audience.weights(segment.members))
    addresses += [audience.unpacked(segment.members), audience.text(words), str(audience.find(segment.members, "z"))]
    addresses += [str(pair) for pair in segment.pairs()]
    return addresses + audience.numbered(segment.members) + list(audience.indexed(segment.members))


async def deliver(address: str) -> bool:
    return await send(address, "again")
