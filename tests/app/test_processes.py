"""Workers and scripts as processes that are told to stop, or killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import durable_async as da

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger"
    path.touch()
    return path


class Program:
    """A worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def begin(cls, url: str, ledger: Path) -> Program:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                str(PROGRAMS / "orders.py"),
                url,
                str(ledger),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )

    async def says(self, line: str) -> None:
        assert self.process.stdout is not None
        assert (await self.process.stdout.readline()).decode().strip() == line

    def tell(self) -> None:
        """To one activity that waits."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go on\n")

    async def ended(self) -> int:
        return await self.process.wait()


async def hear(program: Program, said: asyncio.Queue[Program]) -> None:
    assert program.process.stdout is not None
    while await program.process.stdout.readline():
        said.put_nowait(program)


@pytest.fixture
async def client(url: str) -> AsyncIterator[da.Client]:
    async with da.Client(url) as client:
        yield client


# The orchestrator is the program's: a client knows it by name and types.
@da.orchestrator
async def order(items: list[int]) -> str:
    raise AssertionError("it runs in the program")


async def test_told_to_stop_a_worker_lets_its_activity_end_and_leaves_nothing_behind(
    client: da.Client, url: str, ledger: Path
) -> None:
    first = await Program.begin(url, ledger)
    handle = await client.start(order([1, 2]), id="order-1")
    await first.says("packing, attempt 1")
    first.process.send_signal(signal.SIGTERM)
    first.tell()
    await first.says("packed")
    await first.says("ended in order")
    assert await first.ended() == 0
    assert ledger.read_text().split("\n")[:3] == ["reserve 1", "reserve 2", "pack"]
    assert (await handle.state()).status is da.RuntimeStatus.RUNNING

    second = await Program.begin(url, ledger)
    assert await handle.result() == "2 packed"
    second.process.terminate()
    assert await second.ended() == 0
    assert sorted(ledger.read_text().split()) == sorted(
        ["reserve", "1", "reserve", "2", "pack", "reserve", "0"]
    )


async def test_told_twice_it_hands_back_what_still_runs(
    client: da.Client, url: str, ledger: Path
) -> None:
    first = await Program.begin(url, ledger)
    handle = await client.start(order([1]), id="order-1")
    await first.says("packing, attempt 1")
    first.process.send_signal(signal.SIGTERM)
    first.process.send_signal(signal.SIGINT)
    await first.says("ended in order")
    assert await first.ended() == 0

    second = await Program.begin(url, ledger)
    await second.says("packing, attempt 1")  # handed back is not failed
    second.tell()
    assert await handle.result() == "1 packed"
    second.process.terminate()
    assert await second.ended() == 0
    assert ledger.read_text().splitlines() == ["reserve 1", "pack", "reserve 0"]


async def test_killed_it_is_taken_over_and_nothing_completed_is_done_again(
    client: da.Client, url: str, ledger: Path
) -> None:
    first = await Program.begin(url, ledger)
    second = await Program.begin(url, ledger)
    handles = [await client.start(order([n, n + 10]), id=f"order-{n}") for n in range(1, 5)]
    # Whoever has them: all have reserved, and are packing, when one process is killed.
    said: asyncio.Queue[Program] = asyncio.Queue()
    ears = [asyncio.create_task(hear(program, said)) for program in (first, second)]
    packing = [await said.get() for _ in handles]
    victim, survivor = (first, second) if first in packing else (second, first)
    victim.process.kill()
    await victim.ended()
    for _ in handles:
        survivor.tell()
    assert [await handle.result() for handle in handles] == ["2 packed"] * 4
    survivor.process.terminate()
    assert await survivor.ended() == 0
    await asyncio.wait(ears)
    lines = ledger.read_text().splitlines()
    reserved = [line for line in lines if line.startswith("reserve") and line != "reserve 0"]
    assert sorted(reserved) == sorted(f"reserve {n}" for k in range(1, 5) for n in (k, k + 10))
    assert lines.count("pack") == 4


def test_a_script_that_was_killed_goes_on_when_it_is_run_again(url: str, ledger: Path) -> None:
    command = [sys.executable, str(PROGRAMS / "script.py"), url, str(ledger)]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert first.returncode == -signal.SIGKILL
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout) == (0, "30\n"), second.stderr
    assert [line for line in second.stderr.splitlines() if "kept from" in line] == [
        line
        for line in second.stderr.splitlines()
        if line.startswith(("step 0: kept", "step 1: kept", "step 2: kept"))
    ]
    assert second.stderr.count("kept from") == 3
    assert ledger.read_text().splitlines() == [
        *[f"step {n}" for n in range(3)],
        "began 3",
        "step 3",
        "step 4",
        "add up",
    ]
