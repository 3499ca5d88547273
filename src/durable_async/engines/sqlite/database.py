"""One connection to one SQLite file.

Invariant: what SQLite says reaches the caller as a StoreError that says what to do, and other
processes at work on the file are waited for, never reported.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar

from durable_async.engines.sqlite.schema import MIGRATIONS, Migration, migrate, recognise
from durable_async.errors import StoreError

__all__ = [
    "ByLength",
    "Database",
    "Row",
    "after_prefix",
    "by_length",
    "has_wal_reset_defect",
    "is_about_one_row",
    "is_busy",
    "sql",
]

T = TypeVar("T")
Row = tuple[Any, ...]

ByLength = tuple[str, ...]
"""See `by_length`."""

_logger: Final = logging.getLogger("durable_async.engines")

BUSY_TIMEOUT: Final = 5.0
"""Seconds that SQLite itself waits for a lock."""

PATIENCE: Final = 60.0
"""Seconds altogether, until it is said that somebody holds the file. A commit takes milliseconds;
who holds it so long is stopped, or no process of ours."""

CHECKPOINT_PAGES: Final = 2_000
"""Pages in the log (8 MiB) from which SQLite moves them into the file."""

LONGEST_SLICE: Final = 64
"""Of rows that one statement is about; a power of two."""

_PAGE_SIZE: Final = 4_096

_SPILLING: Final = 10
"""Pages of cache with which all that is written goes to the log before its commit."""

# What an error code means when one row, or the pages it is on, cannot be read.
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Translated:
    """What SQLite raises within it is raised as a StoreError. No generator: each turn enters it."""

    __slots__ = ("_explained",)

    def __init__(self, explained: Callable[[sqlite3.Error], StoreError]) -> None:
        self._explained = explained

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise self._explained(error) from error


class Database:
    """path: of the file. It is made if it is missing; its folder is not.

    Used by one thread at a time, which need not be the one that made it.
    """

    def __init__(self, path: str, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self.path = str(Path(path).absolute())
        self._migrations = migrations
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._translated = Translated(self.explained)
        self.execute: Callable[..., sqlite3.Cursor] = self._refuse
        self.executemany: Callable[..., sqlite3.Cursor] = self._refuse

    def open(self) -> None:
        """Raises: StoreError."""
        if self._connection is not None:
            return
        _check_place(self.path)
        with self.translated():
            connection = sqlite3.connect(
                self.path,
                timeout=BUSY_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        try:
            with self.translated():
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._file = _file_at(self.path)
        self.execute = connection.execute
        self.executemany = connection.executemany

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.execute = self.executemany = self._refuse
            connection.close()

    def is_taken_away(self) -> bool:
        """Whether another file stands at the path by now, or none: SQLite goes on with the one that
        it has open, which nobody else finds."""
        return _file_at(self.path) != self._file

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # Text of a damaged row must not keep its neighbours from being read.
        connection.text_factory = _text
        recognise(connection, self.path)  # before anything is written: not even a header's flag
        (mode,) = self._patiently(lambda: _fetch(connection, "PRAGMA journal_mode = WAL"))
        if mode != "wal":
            raise StoreError(
                f"{self.path!r} cannot be used with a write-ahead log (SQLite says {mode!r}). Put "
                f"the file on a local disk"
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        self._patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            migrate(connection, self.path, self._migrations)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def lengthen_log(self) -> None:
        """Make the log as long as it will become anyway. For who is going to commit a lot.

        A commit that makes the log longer waits for the disk twice as long as one that writes
        over what is there: the system then has a new length to store as well (measured: 0.29 ms
        and 0.15 ms; all of this costs 20 ms). Nothing is stored: the transaction is rolled back.
        """
        size = CHECKPOINT_PAGES * _PAGE_SIZE
        try:
            if Path(f"{self.path}-wal").stat().st_size >= size:
                return
            (usual,) = self.execute("PRAGMA cache_size").fetchone()
            self.execute(f"PRAGMA cache_size = {_SPILLING}")
            try:
                self.begin()
                self.execute(
                    "INSERT INTO history (instance, position, data, checksum)"
                    " VALUES (0, 0, zeroblob(?), 0)",
                    (size,),
                )
            finally:
                self.roll_back()
                self.execute(f"PRAGMA cache_size = {usual}")
        except (sqlite3.Error, OSError):
            # It is only slower without. What is wrong here will show where it matters.
            _logger.debug("the log of %r was not lengthened", self.path, exc_info=True)

    # ---- transactions ----------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to write; wait for other processes. To be called within `translated`."""
        try:
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            self._patiently(lambda: self.execute("BEGIN IMMEDIATE"))

    def begin_reading(self) -> None:
        """Begin to read, and perhaps to write. A write fails, as `is_busy` tells, if another
        connection has written meanwhile, or does."""
        self.execute("BEGIN")

    def commit(self) -> None:
        self.execute("COMMIT")

    def roll_back(self) -> None:
        connection = self._connection
        if connection is not None and connection.in_transaction:
            # The error that led here is the one to be told.
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: all of what is done within it, or nothing."""
        with self.translated():
            self.begin()
            try:
                yield
                self.commit()
            except BaseException:
                self.roll_back()
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """All reads within it see one state of the store."""
        with self.translated():
            self.execute("BEGIN")
            try:
                yield
            finally:
                self.roll_back()

    def translated(self) -> Translated:
        return self._translated

    def data_version(self) -> int:
        """Differs from the last time if another connection has committed in between."""
        version: int = self.execute("PRAGMA data_version").fetchone()[0]
        return version

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        return self.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        row: Row | None = self.execute(sql, values).fetchone()
        return row

    def insert(self, statements: ByLength, rows: Sequence[Row]) -> None:
        """All of them, each once."""
        count = len(rows)
        if count == 1:
            self.execute(statements[0], rows[0])
            return
        start = 0
        while start < count:
            power = min(count - start, LONGEST_SLICE).bit_length() - 1
            end = start + (1 << power)
            self.execute(statements[power], [*chain.from_iterable(rows[start:end])])
            start = end

    def about(self, statements: ByLength, rows: Sequence[Row]) -> list[Row]:
        """What the statement gives, of all of the rows. How often one is met must not matter: the
        last of them fills a statement up."""
        found: list[Row] = []
        for start in range(0, len(rows), LONGEST_SLICE):
            part = rows[start : start + LONGEST_SLICE]
            power = (len(part) - 1).bit_length()
            values = [*chain.from_iterable(part), *part[-1] * ((1 << power) - len(part))]
            found += self.execute(statements[power], values).fetchall()
        return found

    def _patiently(self, act: Callable[[], T]) -> T:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() >= give_up:
                    raise
            time.sleep(0.01)  # SQLite does not wait itself in every one of these cases

    def _refuse(self, *_: object) -> sqlite3.Cursor:
        raise StoreError(f"the engine of {self.path!r} is not open. Call `open` first")

    # ---- errors ----------------------------------------------------------------------------

    def explained(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return StoreError(f"{self.path!r}: {_advice(code, error)}")


def has_wal_reset_defect(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite may, very rarely, lose pages when several connections write.
    See https://sqlite.org/wal.html#walresetbug."""
    if version >= (3, 51):
        return version < (3, 51, 3)
    if version[:2] == (3, 50):
        return version < (3, 50, 7)
    if version[:2] == (3, 44):
        return version < (3, 44, 6)
    return version >= (3, 7)


def is_about_one_row(error: sqlite3.Error) -> bool:
    """Whether a read failed because of what is stored there, so that other reads may succeed."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE


def _advice(code: int, error: sqlite3.Error) -> str:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"another process has held the file for {PATIENCE:.0f} s. Look for one that is "
                f"stopped, or for another program that has it open for writing"
            )
        case sqlite3.SQLITE_NOTADB:
            return "this is not a SQLite database. Check the path; nothing was changed"
        case sqlite3.SQLITE_CORRUPT:
            return (
                f"the file is damaged ({error}). Stop all workers, keep a copy, and restore it "
                f"from a backup, or try the `.recover` command of the sqlite3 shell"
            )
        case sqlite3.SQLITE_FULL:
            return (
                f"the disk is full ({error}). Nothing of this commit was stored; what was "
                f"acknowledged before is. Make room, and it goes on"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return (
                f"it cannot be written ({error}). The file, its folder and the files beside it "
                f"(-wal, -shm) must be writable for this user"
            )
        case sqlite3.SQLITE_CANTOPEN:
            return (
                f"it cannot be opened ({error}). Check that the path is right, and that this user "
                f"may read and write the file and its folder"
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"reading or writing failed ({error}). Nothing of this commit was stored. Check "
                f"the disk, its free space and the limits of this process"
            )
        case _:
            return f"SQLite refused: {error} ({getattr(error, 'sqlite_errorname', 'no code')})"


def _check_place(path: str) -> None:
    """Say plainly what SQLite only calls "unable to open database file"."""
    place = Path(path)
    try:
        mode = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if not place.parent.is_dir():
            raise StoreError(
                f"{path!r}: there is no folder {str(place.parent)!r}. Make it, or correct the "
                f"path; durable_async makes files, not folders"
            ) from None
        return
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreError(
            f"{path!r} cannot be looked at: {why}. Check the path and who may read it"
        ) from error
    if stat.S_ISDIR(mode):
        raise StoreError(f"{path!r} is a folder. Name a file in it, e.g. {path + '/durable.db'!r}")
    if not stat.S_ISREG(mode):
        raise StoreError(f"{path!r} is no ordinary file. Name one, or a path where none is yet")
    if not os.access(path, os.R_OK | os.W_OK):
        # SQLite would open it all the same, and fail at the first commit.
        code = sqlite3.SQLITE_READONLY
        raise StoreError(f"{path!r}: {_advice(code, sqlite3.OperationalError('no permission'))}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection was in the way."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def _fetch(connection: sqlite3.Connection, sql: str) -> Row:
    row: Row = connection.execute(sql).fetchone()
    return row


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def sql(*parts: str) -> str:
    """A statement of parts that are all ours; what users gave is bound, never part of it."""
    return " ".join(parts)


def by_length(before: str, row: str, after: str = "") -> ByLength:
    """A statement about 1 row, about 2, 4 ... up to LONGEST_SLICE. One about many rows costs a
    fraction of as many statements, and a few lengths do for any number. row: its placeholders."""
    lengths = (1 << power for power in range(LONGEST_SLICE.bit_length()))
    return tuple([sql(before, ", ".join([row] * length), after) for length in lengths])


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file it is; None if there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def after_prefix(prefix: str) -> str | None:
    """The first text after all that begin with the prefix, in the order of code points, which is
    SQLite's; None if there is none."""
    trimmed = prefix.rstrip(chr(sys.maxunicode))
    if not trimmed:
        return None
    following = ord(trimmed[-1]) + 1
    if 0xD800 <= following <= 0xDFFF:  # surrogates are no text
        following = 0xE000
    return trimmed[:-1] + chr(following)
