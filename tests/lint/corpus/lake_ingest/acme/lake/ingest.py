from __future__ import annotations

import asyncio
import typing
from collections.abc import AsyncIterator
from contextlib import aclosing
from urllib.parse import urlsplit

import pandas as pd
from aiolimiter import AsyncLimiter

import durable_async as da
from acme.lake.activities import compact, load_object, quarantine, schema_of
from acme.lake.sinks.manifest import Manifest, ManifestWriter, ledger, publish_manifest
from acme.lake.sources.base import Pipe, Source
from acme.lake.sources.directory import DirectorySource, GzipDirectorySource, partition_of, table_of
from acme.lake.sources.objectstore import DurableS3Source, EagerS3Source

SOURCES: typing.Final[dict[str, type[Source]]] = {
    "s3": DurableS3Source,
    "s3-small": EagerS3Source,
    "file": DirectorySource,
    "file+gz": GzipDirectorySource,
}
log = da.get_logger("lake.ingest")


class Failed(typing.NamedTuple):
    key: str
    error: str


def open_source(url: str) -> Source:
    parts = urlsplit(url)
    return SOURCES[parts.scheme](parts.netloc + parts.path)


async def _load(key: str) -> tuple[str, int] | Failed:
    partition = partition_of(key)
    try:
        return partition, await load_object(key, table_of(key), partition)
    except (ValueError, da.ActivityTimeoutError) as error:
        return Failed(key, str(error))


async def _load_all(keys: list[str]) -> list[tuple[str, int] | Failed]:
    return await asyncio.gather(*(_load(key) for key in keys))


@da.orchestrator
async def ingest(url: str, table: str, size: int = 50) -> int:
    source = open_source(url)
    failed: list[Failed] = []
    async with ManifestWriter(Manifest(table)) as manifest, aclosing(source.batches(size)) as batches:
        async for results in Pipe(batches) | _load_all:
            for result in results:
                match result:
                    case Failed(key, error):
                        failed.append(result)
                        await quarantine(key, error)
                    case (partition, rows):
                        manifest += (partition, rows)
    await publish_manifest(table, manifest.text())
    await publish_manifest(f"{table}-lines", manifest.lines())
    log.info("%d rows, %d failed", manifest.rows, len(failed))
    return manifest.rows


async def _throttled(keys: list[str]) -> AsyncIterator[dict[str, str]]:
    limiter = AsyncLimiter(10, 1)
    for key in keys:
        async with limiter:  # expect: DUR132
            yield await schema_of(key)


@da.orchestrator
async def check_schema(keys: list[str]) -> list[str]:
    expected: dict[str, str] | None = None
    drifted: list[str] = []
    async for schema in _throttled(keys):
        expected = expected or schema
        for column in schema.keys() ^ expected.keys():  # expect: DUR134
            drifted.append(column)
    with ledger() as connection:
        connection.execute("create table drift (name text)")  # expect: DUR121
    cutoff = pd.Timestamp.now() - pd.Timedelta(days=1)  # expect: DUR101
    return [f"{column} since {cutoff:%Y-%m-%d}" for column in drifted]


@da.orchestrator
async def compact_table(table: str, partitions: list[str]) -> int:
    changed = set(partitions)
    changed = sorted(changed)
    total = await compact(table, changed)
    bounds = [pd.Timestamp("2024-01-01"), pd.Timestamp(da.now())]
    log.info("compacted %d files between %s", total, bounds)
    return total
