"""Environments on an engine of one's own choice."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

import durable_async as da
from durable_async.engines.memory import MemoryEngine
from durable_async.model.work import Batch, Receipt
from durable_async.ports import Clock
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


@da.activity
async def double(number: int) -> int:
    return 2 * number


@da.orchestrator
async def flow(number: int) -> int:
    await asyncio.sleep(30 * 86_400)
    return await double.options(queue="slow")(number)


@da.orchestrator
async def parent() -> int:
    return await flow.options(queue="night")(21)


@da.entity
@attrs.define
class Starter:
    def start_flow(self) -> str:
        return "started"


async def test_a_file_keeps_what_happens_and_time_skips_in_it(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with environment([flow, double], url=f"sqlite:///{path}", start_time=START) as env:
        handle = await env.client.start(flow(21))
        assert await handle.result() == 42
        assert env.now() == START + timedelta(days=30)
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute("SELECT count(*) FROM instances").fetchone() == (1,)


async def test_the_next_environment_on_a_file_goes_on_in_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    async with environment([flow, double], url=url, start_time=START) as env:
        await env.client.start(flow(21), id="a")
        await env.advance(60)
        later = env.now()
    async with environment([flow, double], url=url, start_time=later) as env:
        assert await env.client.handle("a").result() == 42


@pytest.mark.parametrize("engine", ["memory", "file"])
async def test_queues_are_served_all(engine: str, tmp_path: Path) -> None:
    url = "sqlite://" if engine == "memory" else f"sqlite:///{tmp_path}/test.db"
    async with environment([parent, flow, double], url=url) as env:
        assert await (await env.client.start(parent())).result() == 42


async def test_a_crash_on_a_file_is_that_of_a_process(tmp_path: Path) -> None:
    begun = asyncio.Event()

    @da.activity
    async def hang() -> int:
        if da.activity_info().attempt == 1 and not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        return 1

    @da.orchestrator
    async def call() -> int:
        return await hang()

    async with environment([call, hang], url=f"sqlite:///{tmp_path}/test.db") as env:
        handle = await env.client.start(call())
        await begun.wait()
        await env.crash()
        assert await handle.result() == 1


class Counting(MemoryEngine):
    """An engine that a test has made itself."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.commits = 0

    def commit(self, batch: Batch, /) -> Receipt:
        self.commits += 1
        return super().commit(batch)


async def test_an_engine_of_one_s_own_is_used() -> None:
    @da.orchestrator
    async def quick() -> int:
        return await double(1)

    engine = Counting()
    async with environment([quick, double], engine=engine) as env:
        assert await (await env.client.start(quick())).result() == 2
    assert engine.commits > 0


def test_two_stores_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="two stores"):
        environment([flow], url="sqlite://", engine=MemoryEngine())


def test_a_url_without_an_engine_is_refused() -> None:
    with pytest.raises(da.StoreError, match="mysql"):
        environment([flow], url="mysql://here")


def test_a_guard_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="guard"):
        environment([flow], guard="loud")  # type: ignore[arg-type]


async def test_the_guard_is_that_of_a_worker_unless_the_test_says_otherwise() -> None:
    @da.orchestrator
    async def read() -> str:
        return Path(__file__).read_text(encoding="utf-8")[:3]

    async with environment([read]) as env:
        with pytest.raises(da.NotDurableError):
            await (await env.client.start(read())).result()
    async with environment([read], guard="off") as env:
        assert await (await env.client.start(read())).result() == '"""'
