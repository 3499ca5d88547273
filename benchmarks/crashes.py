"""W6: what a killed worker costs. Invariant: the worker that is killed is a process of its own, it
gets no chance to say good-bye, and what ran is counted in a file that outlives it.

The functions whose names end in `_process` are the mains of those processes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import durable_async as da

__all__ = ["PROCESSES", "measure_restart", "measure_takeover"]

INSTANCES: Final = 100
STEPS: Final = 10
HALF: Final = INSTANCES * STEPS // 2
HELD: Final = 20
MAIN: Final = Path(__file__).resolve().parent / "process.py"


# ---- a worker is killed and started again ----------------------------------------------------


class Ledger:
    """A line for each activity that ran, in a file that only grows. lines: in it now."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.lines = file.read_bytes().count(b"\n")

    def write(self, line: str) -> None:
        os.write(self._descriptor, f"{line}\n".encode())
        self.lines += 1


class Counting:
    """An activity that leaves a line in the ledger. It says so when half of the work is done."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @da.activity
    async def add_one(self, value: int) -> int:
        self._ledger.write(da.activity_info().idempotency_key)
        if self._ledger.lines == HALF:
            say("half")
        return value + 1


@da.orchestrator
async def counted_row(count: int) -> int:
    value = 0
    for _ in range(count):
        value = await Counting.add_one(value)
    return value


def say(word: str) -> None:
    """To the process that measures."""
    print(word, flush=True)


async def restart_process(folder: Path) -> None:
    """All of W4, begun or gone on with, whatever is there."""
    counting = Counting(Ledger(folder / "ledger"))
    async with da.Client(_url(folder)) as client, da.Worker(client, [counted_row, counting]):
        handles = await asyncio.gather(
            *(
                client.start(counted_row(STEPS), id=f"row-{number}", if_exists="attach")
                for number in range(INSTANCES)
            )
        )
        results = await asyncio.gather(*(handle.result() for handle in handles))
        if set(results) != {STEPS}:
            raise ValueError(f"results after a crash: {Counter(results)}")
        say("done")


def measure_restart(folder: Path) -> dict[str, float]:
    """seconds: from starting the second process (Python and imports included) until all is done.
    again: activities that ran more than once."""
    with _process("restart", folder) as (first, words):
        _expect(words, "half")
        first.kill()
    began = time.perf_counter()
    with _process("restart", folder) as (_, words):
        _expect(words, "done")
        seconds = time.perf_counter() - began
    runs = Counter((folder / "ledger").read_text().split())
    if len(runs) != INSTANCES * STEPS:
        raise ValueError(f"{len(runs)} activities ran, not {INSTANCES * STEPS}")
    return {"seconds": seconds, "again": float(runs.total() - len(runs))}


# ---- a worker is killed while another one is there -------------------------------------------


class Holding:
    """An activity that never ends in the process that is to be killed."""

    def __init__(self, *, for_ever: bool) -> None:
        self._for_ever = for_ever
        self.running = 0

    @da.activity
    async def hold(self, value: int) -> int:
        self.running += 1
        if self._for_ever:
            if self.running == HELD:
                say("holding")
            await asyncio.Event().wait()
        return value + 1


@da.orchestrator
async def held_activity(value: int) -> int:
    return await Holding.hold(value)


async def holder_process(folder: Path) -> None:
    """Takes all the work and does not do it."""
    holding = Holding(for_ever=True)
    async with da.Client(_url(folder)) as client, da.Worker(client, [held_activity, holding]):
        for number in range(HELD):
            await client.start(held_activity(number), id=f"held-{number}")
        await asyncio.Event().wait()


async def successor_process(folder: Path) -> None:
    """Stands by, then does it all."""
    holding = Holding(for_ever=False)
    async with da.Client(_url(folder)) as client, da.Worker(client, [held_activity, holding]):
        await asyncio.sleep(0.5)  # it has looked for work, and found that all is taken
        if holding.running:
            raise ValueError("work was handed out that another worker holds")
        say("ready")
        handles = [client.handle(f"held-{number}", int) for number in range(HELD)]
        results = await asyncio.gather(*(handle.result() for handle in handles))
        if results != [number + 1 for number in range(HELD)]:
            raise ValueError(f"results after a take-over: {results}")
        say("done")


def measure_takeover(folder: Path) -> dict[str, float]:
    """takeover: seconds from the kill until the other worker has done all that was held."""
    with _process("holder", folder) as (holder, of_holder):
        _expect(of_holder, "holding")
        with _process("successor", folder) as (_, of_successor):
            _expect(of_successor, "ready")
            began = time.perf_counter()
            holder.kill()
            _expect(of_successor, "done")
            return {"takeover": time.perf_counter() - began}


# ---- processes -------------------------------------------------------------------------------

PROCESSES: Final = {
    "restart": restart_process,
    "holder": holder_process,
    "successor": successor_process,
}


@contextmanager
def _process(name: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    process = subprocess.Popen(
        [sys.executable, str(MAIN), name, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        try:
            yield process, process.stdout
        except BaseException:
            process.kill()
            raise
    if process.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process {name!r} ended with exit code {process.returncode}")


def _expect(words: IO[str], word: str) -> None:
    found = words.readline().strip()
    if found != word:
        raise RuntimeError(f"expected {word!r} from a process, which said {found!r}")


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"
