"""The worker killed again and again, and the server killed and started again with its file: nothing
is lost, what was recorded is not done again, and nobody has to be started for it by hand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.temporal import outages
from tests.temporal.conftest import Cluster, Server

import durable_async as da

WORKER_ROUNDS = int(os.environ.get("DURABLE_WORKER_KILLS", "4"))
SERVER_ROUNDS = int(os.environ.get("DURABLE_SERVER_KILLS", "2"))
JOBS = 6

TIMEOUT = 60 + 30 * max(WORKER_ROUNDS, SERVER_ROUNDS)


class Workers:
    """One worker process after another."""

    def __init__(self, url: str, ledger: Path) -> None:
        self._arguments = ("-m", outages.__name__, url, str(ledger))
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(sys.executable, *self._arguments)

    def check(self) -> None:
        assert self._process is not None
        assert self._process.returncode is None, "the worker has ended by itself"

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Workers]:
        await self.start()
        try:
            yield self
        finally:
            with contextlib.suppress(ProcessLookupError):
                await self.kill()


async def _start_jobs(client: da.Client, turn: int) -> list[da.Handle[list[str]]]:
    return [
        await client.start(outages.job(number), id=f"job-{turn}-{number}") for number in range(JOBS)
    ]


async def _until_under_way(workers: Workers, ledger: Path, more: int) -> None:
    """Until the ledger has so many lines more."""
    before = len(outages.lines_of(ledger))
    while len(outages.lines_of(ledger)) < before + more:
        workers.check()
        await asyncio.sleep(0.01)


async def _judge(client: da.Client, handles: Sequence[da.Handle[list[str]]], ledger: Path) -> None:
    for handle in handles:
        assert await handle.result() == outages.expected()
    assert await outages.run_again(client, [handle.id for handle in handles], ledger) == []


@pytest.mark.timeout(TIMEOUT)
async def test_what_a_killed_worker_had_under_way_goes_on_with_the_next(
    cluster: Cluster, tmp_path: Path
) -> None:
    ledger, chance = tmp_path / "ledger.txt", random.Random(7)
    async with Workers(cluster.url, ledger).running() as workers:
        for turn in range(WORKER_ROUNDS):
            handles = await _start_jobs(cluster.client, turn)
            ids = [handle.id for handle in handles]
            events = asyncio.create_task(outages.tell_events(cluster.client, ids))
            await _until_under_way(workers, ledger, chance.randrange(1, 40))
            await workers.kill()
            await workers.start()
            await _judge(cluster.client, handles, ledger)
            assert await events == 0


@pytest.mark.timeout(TIMEOUT)
async def test_a_server_that_is_killed_goes_on_with_its_file_and_nobody_else_is_started(
    server: Server, tmp_path: Path
) -> None:
    ledger, chance = tmp_path / "ledger.txt", random.Random(7)
    async with da.Client(server.url) as client, Workers(server.url, ledger).running() as workers:
        for turn in range(SERVER_ROUNDS):
            handles = await _start_jobs(client, turn)
            ids = [handle.id for handle in handles]
            results = [asyncio.create_task(handle.result()) for handle in handles]
            events = asyncio.create_task(outages.tell_events(client, ids))
            await _until_under_way(workers, ledger, chance.randrange(1, 40))
            server.kill()
            await asyncio.sleep(chance.choice((0, 1, 4, 20)))
            await server.start()
            assert await asyncio.gather(*results) == [outages.expected()] * JOBS
            await _judge(client, handles, ledger)
            await events
