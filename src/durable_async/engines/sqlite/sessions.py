"""Who else is at work on the file, and who is not any more.

Invariant: a session is given up only when its process is dead, or when it was watched for the whole
lease time without a renewal. Clocks do not come into it: they may jump by hours, and all sessions
of a computer that slept would look dead to the first one that wakes.

Each session holds the lock of a file of its own, which the system lets go of when the process ends,
however it ends. A process that was forked off holds it too; then, and where there are no such
locks, the lease time alone counts.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

__all__ = ["SessionFiles", "Watch"]

_logger: Final = logging.getLogger("durable_async.engines")


class SessionFiles:
    """The locked files of the sessions of one store, in a folder beside it that is there only as
    long as it is needed. path: of the store."""

    def __init__(self, path: str) -> None:
        self._folder = Path(f"{path}.sessions")
        self._held: dict[int, int] = {}

    def hold(self, session: int) -> None:
        """Show for as long as this process lives that the session does."""
        if sys.platform == "win32":
            return
        try:
            descriptor = self._make(session)
        except OSError as error:
            _logger.warning(
                "%s cannot be made (%s): should this process be killed, others take over its work "
                "only after the lease time",
                self._file(session),
                error,
            )
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # who tries whether we are dead lets go at once
        self._held[session] = descriptor

    def let_go(self, session: int) -> None:
        """The session was closed."""
        self.remove(session)
        self.lose(session)

    def lose(self, session: int) -> None:
        """As if the process had died."""
        descriptor = self._held.pop(session, None)
        if descriptor is not None:
            os.close(descriptor)

    def is_dead(self, session: int) -> bool:
        """Whether its process has ended. False if that cannot be told."""
        if sys.platform == "win32":
            return False
        try:
            descriptor = os.open(self._file(session), os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def remove(self, session: int) -> None:
        """The store knows no such session any more."""
        with contextlib.suppress(OSError):
            self._file(session).unlink()
        with contextlib.suppress(OSError):  # not empty, or not there
            self._folder.rmdir()

    def left_behind(self, known: Iterable[int]) -> Iterator[int]:
        """Sessions with a file, dead, that are not among the known ones."""
        alive = set(known)
        with contextlib.suppress(OSError):
            for file in self._folder.iterdir():
                if file.name.isdecimal() and int(file.name) not in alive:
                    session = int(file.name)
                    if self.is_dead(session):
                        yield session

    def _make(self, session: int) -> int:
        while True:
            self._folder.mkdir(exist_ok=True)
            try:
                return os.open(self._file(session), os.O_RDWR | os.O_CREAT, 0o644)
            except FileNotFoundError:
                continue  # another process has just removed the empty folder

    def _file(self, session: int) -> Path:
        return self._folder / str(session)


class Watch:
    """Sessions that are looked at now and then. monotonic: seconds, from anywhere."""

    def __init__(self, lease: float, monotonic: Callable[[], float]) -> None:
        self._lease = lease
        self._monotonic = monotonic
        self._since: dict[int, tuple[int, float]] = {}
        self._looked_at = float("-inf")

    def silent(self, renewals: dict[int, int]) -> list[int]:
        """Those that have not renewed for the lease time. renewals: of each, when it last did."""
        now = self._monotonic()
        if not 0 <= now - self._looked_at <= self._lease / 2:
            # We were stopped ourselves, and the others perhaps with us: begin anew.
            self._since = {}
        self._looked_at = now
        since: dict[int, tuple[int, float]] = {}
        for session, renewed_at in renewals.items():
            seen, first = self._since.get(session, (renewed_at, now))
            since[session] = (renewed_at, first if seen == renewed_at else now)
        self._since = since
        return [each for each, (_, first) in since.items() if now - first >= self._lease]
