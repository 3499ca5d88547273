"""What the machine can do without us. Invariant: the same store settings, the same disk, rows of
about the size that one step writes; nothing of durable_async is imported here.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

__all__ = ["measure_limits"]

ROW: Final = b"x" * 200
"""About what one activity leaves in the store: three events."""

GROUP: Final = 64
LOG: Final = 8 * 2**20
"""Bytes."""


def measure_limits(folder: Path) -> dict[str, float]:
    """By the names in targets.py. folder: on the disk to measure."""
    return {
        "commits": commits_one_at_a_time(folder),
        "group": rows_in_groups(folder),
        "hops": commits_through_a_thread(folder),
        "steps": loop_steps(),
        "tasks": loop_tasks(),
    }


@contextmanager
def _store(folder: Path, name: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / name, isolation_level=None, check_same_thread=False)
    with closing(connection):
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("create table row (id integer primary key, data blob not null)")
        _lengthen_log(connection)
        yield connection


def _lengthen_log(connection: sqlite3.Connection) -> None:
    """As long as it becomes: commits that write over it are quicker than those that lengthen it."""
    connection.execute("insert into row (data) values (zeroblob(?))", (LOG,))
    connection.execute("delete from row")
    connection.execute("pragma wal_checkpoint(restart)")


def _commit(connection: sqlite3.Connection, rows: int) -> None:
    connection.execute("begin immediate")
    connection.executemany("insert into row (data) values (?)", [(ROW,)] * rows)
    connection.execute("commit")


def commits_one_at_a_time(folder: Path, commits: int = 2_000) -> float:
    """Commits of one row a second."""
    with _store(folder, "commits.db") as connection:
        began = time.perf_counter()
        for _ in range(commits):
            _commit(connection, 1)
        return commits / (time.perf_counter() - began)


def rows_in_groups(folder: Path, groups: int = 500) -> float:
    """Rows a second in commits of 64."""
    with _store(folder, "groups.db") as connection:
        began = time.perf_counter()
        for _ in range(groups):
            _commit(connection, GROUP)
        return groups * GROUP / (time.perf_counter() - began)


def commits_through_a_thread(folder: Path, commits: int = 1_000) -> float:
    """Commits a second that an event loop awaits one after the other from another thread."""

    async def commit_all(connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> float:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        for _ in range(commits):
            await loop.run_in_executor(thread, _commit, connection, 1)
        return commits / (time.perf_counter() - began)

    with _store(folder, "hops.db") as connection, ThreadPoolExecutor(1) as thread:
        return asyncio.run(commit_all(connection, thread))


def loop_steps(steps: int = 200_000) -> float:
    """Steps of one task a second."""

    async def step_on() -> float:
        began = time.perf_counter()
        for _ in range(steps):
            await asyncio.sleep(0)
        return steps / (time.perf_counter() - began)

    return asyncio.run(step_on())


def loop_tasks(rounds: int = 20, tasks: int = 1_000) -> float:
    """Tasks a second that are made, wait once, and are gathered."""

    async def wait_once() -> None:
        await asyncio.sleep(0)

    async def gather_all() -> float:
        began = time.perf_counter()
        for _ in range(rounds):
            await asyncio.gather(*(wait_once() for _ in range(tasks)))
        return rounds * tasks / (time.perf_counter() - began)

    return asyncio.run(gather_all())
