"""Entities of scripts, and of workers that are killed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import durable_async as da

from .programs.bank import Account, Journal, transfer

PROGRAM = Path(__file__).parent / "programs" / "bank.py"
NAMES = ("ada", "bob", "eve", "kim")


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value


@da.orchestrator
async def child(ref: da.EntityRef[Counter]) -> int:
    return await ref.call(Counter.add, 1)


@da.orchestrator
async def counts(key: str) -> int:
    ref = da.entity_ref(Counter, key)
    ref.signal(Counter.add, 5)
    async with da.lock(ref, "a-name"):
        await ref.call(Counter.add, 1)
    await child(ref)
    return await ref.call(Counter.add, 1)


@pytest.fixture(params=["memory", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'bank.db'}"


def test_a_script_learns_the_entities_that_it_asks(url: str) -> None:
    assert da.run(counts("c"), url=url) == 8


def test_a_script_finds_what_another_one_has_left(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    assert da.run(counts("c"), url=url, id="one") == 8
    assert da.run(counts("c"), url=url, id="two") == 16
    assert da.run(counts("c"), url=url, id="one") == 8


def test_what_nobody_here_runs_is_not_registered(url: str) -> None:
    @da.orchestrator
    async def stranger() -> None:
        ref: da.EntityRef[object] = da.EntityRef("Stranger", "s")
        await ref.call(outside)

    with pytest.raises(da.NotRegisteredError, match="'Stranger'"):
        da.run(stranger(), url=url)


def outside(self: object) -> None: ...


async def killed_after(url: str, lines: int) -> None:
    """Run a worker until it has run so many operations, and kill it at once."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), url, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    for _ in range(lines):
        await worker.stdout.readline()
    worker.kill()
    await worker.wait()


@pytest.mark.slow
async def test_whatever_is_killed_money_is_moved_once_and_told_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    chance = random.Random(32)
    async with da.Client(url) as client:
        for name in NAMES:
            await client.signal_entity(da.entity_ref(Account, name), Account.put, 100)
        handles = []
        for _ in range(60):
            source, target = chance.sample(NAMES, 2)
            handles.append(await client.start(transfer(source, target, chance.randint(1, 90))))
        for lines in (1, 2, 3, 5, 8, 13):
            await killed_after(url, lines)
        async with da.Worker(client, [transfer, Account, Journal]):
            done = [await handle.result() for handle in handles]
            accounts = [await client.read_entity(Account, name) for name in NAMES]
            moves = sum(each.moves for each in accounts if each is not None)
            assert sum(each.cents for each in accounts if each is not None) == 400
            assert moves == 4 + 2 * done.count(True)
            journal = await client.read_entity(Journal, "all")
            while journal is None or journal.notes < moves:
                await asyncio.sleep(0.01)
                journal = await client.read_entity(Journal, "all")
            assert journal.notes == moves
