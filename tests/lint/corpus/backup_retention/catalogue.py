"""The catalogue of snapshots: a small SQLite file beside the worker."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import sqlite3

import durable_async as da

from retention import Snapshot

DATABASE = "catalogue.db"
logger = logging.getLogger("backup.catalogue")


class CatalogueError(Exception):
    pass


@da.activity(retry=da.RetryPolicy(retry_on=(sqlite3.OperationalError,)))
def list_snapshots(database: str) -> list[Snapshot]:
    with contextlib.closing(sqlite3.connect(DATABASE)) as connection:
        rows = connection.execute("select key, taken, size from snapshots where database = ?", (database,))
        return [Snapshot(key, dt.datetime.fromtimestamp(taken, dt.UTC), size) for key, taken, size in rows]


@da.activity
def add_snapshot(database: str, snapshot: Snapshot) -> None:
    with contextlib.closing(sqlite3.connect(DATABASE)) as connection, connection:
        connection.execute(
            "insert into snapshots values (?, ?, ?, ?)",
            (database, snapshot.key, snapshot.taken.timestamp(), snapshot.size),
        )


@da.activity
def forget(keys: list[str]) -> int:
    with contextlib.closing(sqlite3.connect(DATABASE)) as connection, connection:
        cursor = connection.executemany("delete from snapshots where key = ?", [(key,) for key in keys])
        return cursor.rowcount


async def next_number(database: str) -> int:
    with contextlib.closing(sqlite3.connect(DATABASE)) as connection:  # expect: DUR121
        row = connection.execute("select count(*) from snapshots").fetchone()  # expect: DUR121
    logger.info("%s has %d snapshots", database, row[0])
    return row[0] + 1


async def newest(database: str) -> Snapshot | None:
    try:
        snapshots = await list_snapshots(database)
    except sqlite3.DatabaseError as error:
        raise CatalogueError(database) from error
    return max(snapshots, key=lambda snapshot: snapshot.taken, default=None)


async def drop_all(keys: set[str]) -> int:
    """Forgets keys in slices, so that one statement never gets too long."""
    ordered = sorted(keys)
    dropped = 0
    for start in range(0, len(ordered), 100):
        dropped += await forget(ordered[start : start + 100])
    return dropped


def vacuum() -> None:
    connection = sqlite3.connect(DATABASE)
    connection.execute("vacuum")
    connection.close()
    print("vacuumed at", dt.datetime.now())
