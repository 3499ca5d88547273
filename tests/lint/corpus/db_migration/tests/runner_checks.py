"""Scenarios of the runner, with every database call replaced."""

import os
import random
import tempfile
import time

from durable_async import testing

from schemashift import execution, migrate_fleet, migrate_shard, parse_plan
from schemashift.plans import compile_condition, sample_plan

PLAN = '{"version": 3, "steps": {"a": {"sql": "alter table a add b int"}}}'


class FakeDatabase:
    def __init__(self):
        self.seen = []
        self.folder = tempfile.mkdtemp()

    def apply(self, dsn, sql):
        self.seen.append((time.time(), dsn, sql))
        return random.random()


async def test_shard_runs_every_step(monkeypatch):
    monkeypatch.setenv("SCHEMASHIFT_DRY_RUN", "")
    database = FakeDatabase()
    async with testing.environment([migrate_shard, execution]) as env:
        env.replace(execution.apply_sql, database.apply)
        plan = parse_plan(PLAN)
        handle = await env.client.start(migrate_shard("db1", "vitess", plan, sample_plan(0), None))
        await env.crash()
        assert await handle.result() == ["a"]
    assert os.listdir(database.folder) == []


async def test_condition_keeps_shard_unchanged():
    blob = compile_condition("version > 100")
    async with testing.environment([migrate_shard, execution]) as env:
        handle = await env.client.start(migrate_shard("db1", "mysql", parse_plan(PLAN), sample_plan(0), blob))
        assert await handle.result() == []


async def test_fleet_waits_for_canary():
    async with testing.environment([migrate_fleet, migrate_shard, execution]) as env:
        handle = await env.client.start(migrate_fleet(["db1", "db2"], "vitess", parse_plan(PLAN)))
        await env.advance(60)
        await handle.raise_event("canary-approved")
        print(await handle.result(timeout=5))
