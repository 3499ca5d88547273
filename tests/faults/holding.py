"""A process with a worker: `python -m tests.faults.holding FOLDER [--hold LABEL] [--slow BRANCH]`.

Invariant: an activity whose label is held never ends in this process; what does not depend on it
goes on to its end. The process says "held" when it has come there, and each that is held has begun.

It says "ready" when its worker is at work, and the result, as JSON, if nothing is held.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.ledger import Ledger, Run
from tests.faults.rounds import labels_of_completed

import durable_async as da

INSTANCE: Final = "branches"
BRANCHES: Final = "ab"
CALLS: Final = 3
LABELS: Final = tuple(f"{name}{number}" for name in BRANCHES for number in range(CALLS))
SLOWLY: Final = 0.02


class Work:
    """hold: labels that never end here. slow: the branch whose calls take longer."""

    def __init__(self, ledger: Ledger, hold: Sequence[str], slow: str | None) -> None:
        self._ledger = ledger
        self._hold = hold
        self._slow = slow
        self.held: set[str] = set()

    @da.activity
    async def step(self, label: str) -> str:
        info = da.activity_info()
        self._ledger.write(Run(info.instance_id, label, info.idempotency_key))
        if label in self._hold:
            self.held.add(label)
            await asyncio.Event().wait()
        if label[0] == self._slow:
            await asyncio.sleep(SLOWLY)
        return label


@da.orchestrator
async def two_branches() -> list[list[str]]:
    """Two branches under gather, each several calls of the same activity."""

    async def branch(name: str) -> list[str]:
        return [await Work.step(f"{name}{number}") for number in range(CALLS)]

    return list(await asyncio.gather(*(branch(name) for name in BRANCHES)))


def completed_when(held: Sequence[str]) -> set[str]:
    """Labels that complete while these are held: those that no held one comes before."""
    return {
        label for label in LABELS if not any(one[0] == label[0] and one <= label for one in held)
    }


def begun_when(held: Sequence[str]) -> set[str]:
    """Of these, those that begin: the first of each branch."""
    return {label for label in held if label == min(one for one in held if one[0] == label[0])}


async def run(folder: Path, hold: Sequence[str], slow: str | None) -> None:
    work = Work(Ledger(folder / "ledger"), hold, slow)
    async with (
        da.Client(f"sqlite:///{folder / 'store.db'}") as client,
        da.Worker(client, [two_branches, work]),
    ):
        handle = await client.start(two_branches(), id=INSTANCE, if_exists="attach")
        say("ready")
        if hold:
            await until_completed(handle, completed_when(hold))
            while work.held != begun_when(hold):  # what is in the history is not at work yet
                await asyncio.sleep(0.005)
            say("held")
        say(json.dumps(await handle.result()))


async def until_completed(handle: da.Handle[list[list[str]]], labels: set[str]) -> None:
    while True:
        if set(labels_of_completed(await handle.history())) == labels:
            return
        await asyncio.sleep(0.005)


def say(line: str) -> None:
    print(line, flush=True)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hold", action="append", default=[])
    parser.add_argument("--slow")
    options = parser.parse_args(arguments)
    asyncio.run(run(options.folder, options.hold, options.slow))


if __name__ == "__main__":
    main(sys.argv[1:])
