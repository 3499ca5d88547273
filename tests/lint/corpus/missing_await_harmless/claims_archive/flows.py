"""Archives claims."""

import asyncio

import durable_async as da

from . import batching
from .batching import Archive, file


@da.orchestrator
async def archive_claims(claims: list[str]) -> list[int]:
    archive = Archive()
    for claim in claims:
        archive.add(claim)
    sizes = await archive.flush()
    sizes += await asyncio.gather(*batching.collected(claims), *batching.by_name(claims).values())
    sizes.append(await batching.prepared(claims[0]))
    sizes.append(await asyncio.wait_for(file(claims[0]), 5))
    async with asyncio.TaskGroup() as group:
        group.create_task(batching.with_stack(claims[0]))
    tasks: set[asyncio.Task[int]] = set()
    await batching.background(claims[0], tasks)
    ref = await da.start(archive_one(claims[0]), id="detached")
    ref.send_event("go", True)
    da.send_event("other", "hello")
    da.set_custom_status(batching.plain("x"))
    return sizes + [await batching.later(claims[0]), await batching.chosen(claims[0], True), *await batching.first_of("a")]


@da.orchestrator
async def archive_one(claim: str) -> int:
    child = archive_claims([claim])
    return sum(await child)
