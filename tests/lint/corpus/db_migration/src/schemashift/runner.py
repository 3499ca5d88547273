"""Runs plans on shards: one child for each shard, a canary first."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import durable_async as da

from .dialects import Dialect, Postgres, dialect
from .execution import Throttle, apply_all, apply_sql, checksum_table
from .plans import Plan, condition_holds

logger = da.get_logger(__name__)
VERSION_FILE = Path(__file__).with_name("VERSION")
TOOL_VERSION = VERSION_FILE.read_text().strip() if VERSION_FILE.exists() else "dev"


class MigrationFlow:
    """State of one shard's migration; made anew in every execution."""

    done_by_shard: dict[str, int] = {}

    def __init__(self, dsn: str, rules: Dialect) -> None:
        self.dsn = dsn
        self.rules = rules
        self.finished: list[str] = []
        self.dry_run = bool(os.getenv("SCHEMASHIFT_DRY_RUN"))  # expect: DUR124

    async def run(self, plan: Plan) -> list[str]:
        if self.dry_run:
            return plan.roots()
        async with Throttle(self.dsn, limit=2.0):
            for step in plan:
                await self.step(step.name, self.rules.wrap(step.sql), step.destructive)
        self.done_by_shard[self.dsn] = len(self.finished)  # expect: DUR141
        return self.finished

    async def step(self, name: str, sql: str, destructive: bool) -> None:
        if destructive:
            shadow = self.rules.shadow_table(name)
            await apply_sql(self.dsn, f"create table {shadow} as select * from {name}")
            if checksum_table(self.dsn, shadow) != checksum_table(self.dsn, name):  # expect: DUR133
                raise RuntimeError(f"copy of {name} differs")
        await apply_all(self.dsn, [sql])
        self.finished.append(name)

    @classmethod
    def summary(cls) -> dict[str, int]:
        return dict(cls.done_by_shard)


@da.orchestrator
async def migrate_shard(dsn: str, product: str, plan: Plan, extra: Plan, condition: bytes | None) -> list[str]:
    whole = plan + extra
    if condition is not None and not condition_holds(whole, condition, {"product": product}):
        return []
    rules = dialect(product)
    flow = MigrationFlow(dsn, rules)
    if isinstance(rules, Postgres):
        key = rules.advisory_key(dsn)
        await apply_sql(dsn, f"select pg_advisory_lock({key})")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(apply_sql, dsn, "select pg_advisory_unlock_all()")
        return await flow.run(whole)


async def canary_first(shards: list[str], product: str, plan: Plan) -> dict[str, list[str]]:
    canary, *rest = shards
    outcome = {canary: await migrate_shard(canary, product, plan, Plan(plan.version), None)}
    await da.wait_for_event("canary-approved")
    # Everyone else follows once the canary was looked at.
    results = await asyncio.gather(*(migrate_shard(dsn, product, plan, Plan(0), None) for dsn in rest))
    outcome.update(zip(rest, results))
    return outcome


@da.orchestrator
async def migrate_fleet(shards: list[str], product: str, plan: Plan) -> dict[str, list[str]]:
    if plan.missing():
        raise ValueError(f"plan {plan.version} lacks {', '.join(sorted(plan.missing()))}")
    watchdog = threading.Timer(3600, logger.warning, ["slow migration"])  # expect: DUR131
    watchdog.start()
    try:
        return await canary_first(shards, product, plan)
    except (Exception, asyncio.CancelledError) as error:  # expect: DUR135
        logger.error("fleet stopped: %s", error)
    finally:
        watchdog.cancel()
    return {}


@da.orchestrator
async def verify_fleet(shards, tables: list[str]) -> dict[str, Any]:  # expect: DUR152
    found: dict[str, set[str]] = {}
    for table in tables:
        sums = await asyncio.gather(*[checksum_table(dsn, table) for dsn in shards])
        found[table] = set(sums)
    return {table: len(sums) == 1 for table, sums in found.items()}
