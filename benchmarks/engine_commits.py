"""What the SQLite engine costs above SQLite itself.

Three ways to record one more step (an activity ended, the next one scheduled), one at a time and
64 in a commit: raw SQL with as few statements as a store could do with; the engine with the
disk's fsync; and the engine on a store in memory (/dev/shm), which shows its own time. All in one
process, in turns, so that what disturbs one disturbs all.

    python benchmarks/engine_commits.py [--rounds N] [--folder PATH]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from durable_async.engines.sqlite import SqliteEngine
from durable_async.model.commands import ScheduleActivity
from durable_async.model.history import ActivityCompleted, EpisodeStarted, HistoryEvent
from durable_async.model.outcome import Outcome
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityTask,
    Batch,
    Claim,
    Claimed,
    CreateInstance,
    EpisodeCommit,
    RaiseEvent,
)

CLAIM = Claim(
    orchestrators=frozenset({("flow", None)}),
    activities=frozenset({"step"}),
    queues=frozenset({"default"}),
    max_instances=1_000,
    max_activities=1_000,
)
NUMBER = Payload(b"12345")


class Steps:
    """Instances that go on, each by one step a round."""

    def __init__(self, engine: SqliteEngine, instances: int) -> None:
        self._engine = engine
        self._session = engine.open_session("benchmark")
        receipt = engine.commit(
            Batch(
                session=self._session,
                claim=CLAIM,
                creates=tuple(
                    CreateInstance(
                        instance_id=f"order-{number}",
                        execution_id=f"{number:032x}",
                        name="flow",
                        input=NUMBER,
                    )
                    for number in range(instances)
                ),
            )
        )
        self._claimed = receipt.claimed
        self._lengths = dict.fromkeys([each.lease for each in receipt.claimed], 1)
        self._tasks: dict[str, ActivityTask] = {}
        self._number = 0
        self.run()

    def run(self) -> None:
        """One commit: of every instance the result of its activity, and its next activity."""
        self._number += 1
        now = datetime.now(UTC)
        receipt = self._engine.commit(
            Batch(
                session=self._session,
                claim=CLAIM,
                episodes=tuple([self._episode(each, now) for each in self._claimed]),
            )
        )
        assert not any(receipt.episodes) and len(receipt.activities) == len(self._claimed)
        self._tasks = {task.lease.instance_id: task for task in receipt.activities}

    def _episode(self, claimed: Claimed, now: datetime) -> EpisodeCommit:
        lease = claimed.lease
        command = ScheduleActivity(
            number=self._number,
            name="step",
            input=NUMBER,
            fingerprint=1,
            line="/srv/app/flows.py:31",
        )
        task = self._tasks.get(lease.instance_id)
        events: list[HistoryEvent] = [EpisodeStarted(at=now), command.recorded()]
        if task is not None:
            events.insert(1, ActivityCompleted(number=task.lease.number, result=NUMBER))
        length = self._lengths[lease]
        self._lengths[lease] = length + len(events)
        return EpisodeCommit(
            lease=lease,
            length=length,
            result=Outcome(events=tuple(events), commands=(command,)),
            finished=() if task is None else (task.lease,),
        )


class Deliveries(Steps):
    """Instances that wait for an event, get one each, and wait again."""

    def run(self) -> None:
        now = datetime.now(UTC)
        messages: tuple[RaiseEvent, ...] = ()
        if self._number:
            messages = tuple(
                [
                    RaiseEvent(instance_id=each.lease.instance_id, name="go", data=NUMBER)
                    for each in self._claimed
                ]
            )
        self._number += 1
        if messages:
            batch = Batch(session=self._session, claim=CLAIM, messages=messages)
            self._claimed = self._engine.commit(batch).claimed
        episodes = []
        for each in self._claimed:
            events = (EpisodeStarted(at=now), *(news.event for news in each.news))
            length = self._lengths[each.lease]
            self._lengths[each.lease] = length + len(events)
            episodes.append(
                EpisodeCommit(
                    lease=each.lease,
                    length=length,
                    result=Outcome(events=events),
                    consumed=tuple(n.message for n in each.news if n.message is not None),
                )
            )
        batch = Batch(session=self._session, claim=CLAIM, episodes=tuple(episodes))
        assert not any(self._engine.commit(batch).episodes)


class Raw:
    """A row added and a row changed for each step, and nothing else."""

    def __init__(self, path: Path, instances: int) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE i (id INTEGER PRIMARY KEY, length INTEGER)")
        self._connection.execute("CREATE TABLE h (id INTEGER PRIMARY KEY, data BLOB)")
        self._instances = range(instances)
        self._connection.executemany("INSERT INTO i VALUES (?, 0)", [(n,) for n in self._instances])
        self._data = os.urandom(200)

    def run(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        rows = [(self._data,) for _ in self._instances]
        self._connection.executemany("INSERT INTO h (data) VALUES (?)", rows)
        changes = [(1, number) for number in self._instances]
        self._connection.executemany("UPDATE i SET length = length + ? WHERE id = ?", changes)
        self._connection.execute("COMMIT")


@contextlib.contextmanager
def opened(folder: str | None, name: str) -> Iterator[SqliteEngine]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        engine = SqliteEngine(str(Path(place) / name))
        engine.open()
        try:
            yield engine
        finally:
            engine.close()


def seconds(run: Callable[[], None], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - began) / times


def measure(folder: str | None, rounds: int, size: int, times: int) -> None:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        opened(folder, "steps.db") as disk,
        opened(memory, "steps.db") as ram,
        opened(folder, "events.db") as events,
    ):
        runs: dict[str, Callable[[], None]] = {
            "raw SQL, fsync": Raw(Path(place) / "raw.db", size).run,
            "engine, a step": Steps(disk, size).run,
            "engine, a step, no disk": Steps(ram, size).run,
            "engine, an event (2 commits)": Deliveries(events, size).run,
        }
        taken: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                taken[name].append(seconds(run, times) / size)
    raw = statistics.median(taken["raw SQL, fsync"])
    for name, each in taken.items():
        median = statistics.median(each)
        print(
            f"{size:3} a commit  {name:30} {median * 1e6:8.1f} us  {1 / median:9,.0f} /s"
            f"  ({min(each) * 1e6:.1f} to {max(each) * 1e6:.1f})  {median / raw:5.2f} x raw"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="on the disk to be measured; the working folder's default")
    arguments = parser.parse_args()
    print(f"Python with SQLite {sqlite3.sqlite_version}, {arguments.rounds} rounds, medians")
    measure(arguments.folder, arguments.rounds, 1, 300)
    measure(arguments.folder, arguments.rounds, 64, 30)


if __name__ == "__main__":
    main()
