"""Orchestrations: one run of a source, backfills and the continuous loader."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import durable_async as da
from durable_async import orchestrator

from pipelines.config import load_source
from pipelines.sources import Partition, Reader, reader_for
from pipelines.transforms import SchemaRegistry, coerce, dedupe_keys, merge_columns
from pipelines.transforms.dedupe import load_id

EPOCH = datetime(2020, 1, 1)


@da.activity
async def publish_manifest(source: str, keys: list[str], at: datetime) -> str:
    import aiofiles

    path = f"/srv/manifests/{source}-{random.randint(0, 9999)}.txt"
    async with aiofiles.open(path, "w") as out:
        await out.write("\n".join([at.isoformat(), *keys]))
    return path


async def load_all(reader: Reader, parts: list[Partition], width: int) -> dict[str, int]:
    gate = asyncio.Semaphore(width)
    rows: dict[str, int] = {}

    async def one(part: Partition) -> None:
        async with gate:
            rows[part.table] = rows.get(part.table, 0) + await reader.load(part)

    async with asyncio.TaskGroup() as group:
        # Big tables come last by name, which keeps the warehouse's cache warm.
        for part in sorted(parts):
            group.create_task(one(part))
    return rows


@orchestrator
async def ingest(source: str, width: int = 8) -> dict[str, int]:
    config = load_source(source)
    reader = reader_for(config.with_batch(1_000))
    registry = SchemaRegistry()
    for table in config.tables:
        registry.register(table, {"id": "int", "at": "moment"})
    rows = await load_all(reader, reader.plan(), width)
    columns = merge_columns(*(registry.columns(table) for table in rows))
    keys = dedupe_keys(source, columns)
    stamp = datetime.today()  # expect: DUR101
    publish_manifest(source, keys, stamp)  # expect: DUR133
    da.set_custom_status({"load": load_id(), "first": str(coerce("moment", "0"))})
    return rows


@orchestrator
async def backfill(source: str, days: int) -> int:
    total = 0
    for back in range(days):
        day = EPOCH + timedelta(days=back)
        rows = await ingest.options(id=f"{source}-{day:%Y%m%d}")(source, width=2)
        total += sum(rows.values())
        await asyncio.sleep(random.uniform(1, 5))  # expect: DUR111
    return total


@orchestrator
async def continuous(source: str) -> None:
    while True:
        try:
            async with asyncio.timeout(900):
                await da.wait_for_event("drop", str)
        except TimeoutError:
            pass
        await ingest(source)
        if da.info().history_length > 5_000:
            da.continue_as_new(continuous(source))
