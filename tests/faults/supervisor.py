"""Kills workers: `python -m tests.faults.supervisor FOLDER ROUNDS SEED WORKERS`.

Invariant: this process has one thread, so that it can fork: a worker begins in milliseconds, with
all modules loaded, as often as a test likes. It holds no engine and never opens the store.

It prints one JSON object: the violations, and counts that show that the test tested something.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
from tests.faults.kinds import expected_result
from tests.faults.ledger import Instances, Killed, Ledger, Reader, Record, Run, violations
from tests.faults.rounds import Round

PROGRESS_SECONDS: Final = 30
"""Within which a worker must show its first commit. Not a measure: a machine may be slow."""

EARLY: Final = 0.15
"""The share of rounds that are killed while they begin, whatever they have done."""


@attrs.frozen
class Worker:
    """A process that was forked. progress: readable once it has committed something."""

    process: int
    progress: int


class Supervisor:
    def __init__(self, folder: Path, *, rounds: int, seed: int, workers: int) -> None:
        self._folder = folder
        self._rounds = rounds
        self._workers = workers
        self._random = random.Random(seed)
        self._ledger = Ledger(folder / "ledger")
        self._reader = Reader(folder / "ledger")
        self._records: list[Record] = []
        self._known = Instances()
        self._problems: list[str] = []
        self._living: list[Worker] = []

    def run(self) -> dict[str, object]:
        for number in range(self._rounds):
            while len(self._living) < self._workers:
                self._living.append(self._fork(f"{number}.{len(self._living)}", last=False))
            self._wait_for_the_moment(self._living[-1])
            victim = self._living.pop(self._random.randrange(len(self._living)))
            self._kill(victim, number)
            for survivor in self._living:
                self._see_progress(survivor, f"after the kill of round {number}")
        while self._living:
            self._kill(self._living.pop(), self._rounds)
        self._learn()
        self._finish()
        self._learn()
        return self._summary()

    def _wait_for_the_moment(self, newest: Worker) -> None:
        if self._random.random() < EARLY:
            time.sleep(self._random.uniform(0, 0.05))
        else:
            self._see_progress(newest, "after its start")
            time.sleep(self._random.uniform(0.02, 0.2))

    def _see_progress(self, worker: Worker, when: str) -> None:
        _drain(worker.progress)
        readable, _, _ = select.select([worker.progress], [], [], PROGRESS_SECONDS)
        if not readable:
            self._problems.append(f"a worker did nothing for {PROGRESS_SECONDS} s {when}")

    # ---- processes ---------------------------------------------------------------------------

    def _fork(self, name: str, *, last: bool) -> Worker:
        self._learn()
        progress, told = os.pipe()
        os.set_blocking(progress, False)
        os.set_blocking(told, False)
        process = os.fork()
        if process == 0:
            os._exit(self._work(name, told, last=last))
        os.close(told)
        return Worker(process, progress)

    def _work(self, name: str, told: int, *, last: bool) -> int:
        """In the child. The exit code."""
        supervisor = os.getppid()

        def tell_progress() -> None:
            if os.getppid() != supervisor:
                os._exit(1)  # it was killed itself: nobody would end this process
            try:
                os.write(told, b".")
            except (BlockingIOError, BrokenPipeError):
                return  # nobody has looked for a while, or nobody is there

        try:
            work = Round(self._folder, name=name, known=self._known, tell_progress=tell_progress)
            asyncio.run(work.finish() if last else work.go_on())
        except BaseException:
            traceback.print_exc()
            return 1
        return 0

    def _kill(self, worker: Worker, number: int) -> None:
        os.kill(worker.process, signal.SIGKILL)
        _, status = os.waitpid(worker.process, 0)
        os.close(worker.progress)
        code = os.waitstatus_to_exitcode(status)
        self._ledger.write(Killed(number, None if code == -signal.SIGKILL else code))

    def _finish(self) -> None:
        last = self._fork("last", last=True)
        _, status = os.waitpid(last.process, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            self._problems.append(f"the last worker ended with exit code {code}")

    # ---- the ledger --------------------------------------------------------------------------

    def _learn(self) -> None:
        records = self._reader.read()
        self._known.learn(records)
        self._records.extend(records)

    def _summary(self) -> dict[str, object]:
        expected = {instance: expected_result(instance) for instance in self._known.started}
        return {
            "violations": self._problems + list(violations(self._records, expected)),
            "records": Counter(type(record).__name__ for record in self._records),
            "torn": self._reader.torn,
            "again": sum(runs > 1 for runs in Counter(self._labels()).values()),
        }

    def _labels(self) -> Iterator[str]:
        return (record.label for record in self._records if isinstance(record, Run))


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 65_536):
            continue
    except BlockingIOError:
        return


def main(arguments: Sequence[str]) -> int:
    folder, rounds, seed, workers = arguments
    supervisor = Supervisor(Path(folder), rounds=int(rounds), seed=int(seed), workers=int(workers))
    print(json.dumps(supervisor.run()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
