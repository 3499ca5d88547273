"""How deep calls may be nested while a project is analysed: code is, and so is who follows it.

Invariant: Python has one bound for all threads. It is raised as long as an analysis runs in any of
them, and is what it was when the last one has ended; who sets it meanwhile keeps what was set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = ["DEEPEST", "deep"]

# Python's own bound is met by chains of calls that programs have.
DEEPEST: Final = 12_000


class _Bound:
    """The one bound. Those who need more of it are counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._before = 0

    def raised(self) -> None:
        with self._lock:
            if not self._users:
                self._before = sys.getrecursionlimit()
            self._users += 1
            if sys.getrecursionlimit() < DEEPEST:
                sys.setrecursionlimit(DEEPEST)

    def given_back(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._before < DEEPEST == sys.getrecursionlimit():
                sys.setrecursionlimit(self._before)


# Of the process, as the bound itself is.
_BOUND: Final = _Bound()


@contextmanager
def deep() -> Iterator[None]:
    """Let calls nest as deep as an analysis needs."""
    _BOUND.raised()
    try:
        yield
    finally:
        _BOUND.given_back()
