"""Housekeeping of the raw layer: compaction, expiry and quality checks."""

from __future__ import annotations

import asyncio
import glob
import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module

import durable_async as da
from durable_async import orchestrator
from prefect.client.orchestration import PrefectClient

from pipelines.config import load_source


@da.activity(timeout=timedelta(hours=2))
def compact_table(table: str, target: str) -> int:
    parts = glob.glob(f"/lake/raw/{table}/*.parquet")
    started = time.monotonic()
    for part in parts:
        os.rename(part, os.path.join(target, os.path.basename(part)))
    print(table, "compacted in", time.monotonic() - started)
    return len(parts)


@da.activity
def check_quality(table: str, rule: str) -> bool:
    module = import_module(f"quality.{rule}")
    return module.check(table)


@orchestrator
async def compact(source: str) -> dict[str, int]:
    config = load_source(source)
    target = f"/lake/compacted/{source}-{uuid.uuid4()}"  # expect: DUR112
    os.makedirs(target, exist_ok=True)  # expect: DUR122
    moved = {}
    for table in config.tables:
        moved[table] = await compact_table(table, target)
    print("compacted", moved)  # expect: DUR143
    return moved


@orchestrator
async def expire(tables: set[str], days: int) -> list[str]:
    limit = datetime.now(UTC) - timedelta(days=days)  # expect: DUR101
    expired = []
    while tables:
        table = tables.pop()  # expect: DUR134
        if await compact_table(table, f"/lake/expired/{limit:%Y}"):
            expired.append(table)
    return expired


@orchestrator
async def quality_gate(table: str, rules: frozenset[str], blocking: frozenset[str]) -> bool:
    optional = rules - blocking
    checks = {rule: check_quality(table, rule) for rule in sorted(blocking)}
    try:
        results = await asyncio.gather(*checks.values())
    except asyncio.CancelledError:  # expect: DUR135
        return False
    module = import_module("quality.report")  # expect: DUR142
    for rule in sorted(optional, key=str.lower):
        if not await check_quality(table, rule):
            da.get_logger(module.__name__).warning("%s: %s is not met", table, rule)
    return all(results)


@orchestrator
async def hand_over_run(client: PrefectClient, run_id: str) -> str:  # expect: DUR152
    await da.wait_for_event("handed-over")
    return run_id


async def nudge(source: str) -> str:
    """From the notebook: starts a compaction now."""
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        handle = await client.start(compact(source), id=f"compact-{source}-{uuid.uuid4()}")
        return handle.id
