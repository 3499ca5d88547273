import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import durable_async as da

from . import port
from .checks import CHECKS
from .documents import Manifest, Page, bundle, pretty

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def manifests(numbers: list[str]) -> "AsyncGenerator[Manifest, None]":
    for page in Page(numbers, 10):
        for row in await asyncio.gather(*map(port.fetch_manifest, page)):
            yield Manifest.parse(row)


@da.orchestrator
async def clear_all(numbers: list[str]) -> dict[str, bool]:
    cleared: dict[str, bool] = {}
    async with aclosing(manifests(numbers)) as stream:
        async for manifest in stream:
            outcomes = [run(manifest) for run in CHECKS]
            cleared[manifest.imo] = all(outcome.passed for outcome in outcomes)
            if not cleared[manifest.imo]:
                da.set_custom_status(pretty([outcome.detail for outcome in outcomes]))
                continue
            await port.archive(manifest.imo, manifest.digest())
    return cleared


@da.orchestrator
async def clear_one(imo: str) -> int:
    manifest = Manifest.parse(await port.fetch_manifest(imo))
    seen = {manifest: 1}
    task = asyncio.create_task(port.berth(imo))
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            return await task
    size = bundle({"manifest": manifest.digest()})
    with suppress(asyncio.CancelledError):  # expect: DUR135
        await port.archive(imo, str(size))
    return seen.get(manifest, 0)
