"""How code of orchestrators and entities is run. Invariant: whatever of it runs in a turn runs
guarded, and watched.

What guards and watches it is elsewhere (`guard`, `watchdog`); every episode passes here, so that
what it takes to begin and to end one is one call, and nothing where it is switched off.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import CodeType
from typing import Final, Protocol, TypeVar, TypeVarTuple

from durable_async.worker.limits import HOLD_UP

__all__ = ["EDGE", "GUARDED", "NO_OVERSIGHT", "Guard", "Oversight", "Watch", "Watched"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_monotonic: Final = time.monotonic
_get_ident: Final = threading.get_ident

GUARDED: Final[dict[int, bool]] = {}
"""The threads in which guarded code runs; whether the profiler is to look at it as well."""

Watched = tuple[str, str, float, int]
"""One call that is watched: what it is, its name, when it began, in which thread."""


class Guard(Protocol):
    """Forbids what replay cannot repeat, in the threads of `GUARDED`. is_strict: it is to be told
    of each call that begins and ends there."""

    is_strict: bool

    def begin(self) -> None: ...
    def end(self) -> None: ...


class Watch(Protocol):
    """Tells of what takes long. watched: the call that runs. begun: changes with everything that
    begins. sleeps: `wake` is to be called."""

    watched: Watched | None
    begun: object
    sleeps: bool

    def wake(self) -> None: ...
    def took_long(self, watched: Watched, seconds: float) -> None: ...


class Oversight:
    """Of one worker. guard, watch: None if nothing is forbidden, and if nobody is to look."""

    def __init__(self, guard: Guard | None = None, watch: Watch | None = None) -> None:
        self._guard = guard
        self._watch = watch

    def call(self, kind: str, name: str, function: Callable[[*Ts], T], /, *args: *Ts) -> T:
        """`function(*args)`, in which what replay cannot repeat raises NotDurableError where it is
        called, and of which is told if it takes long. One at a time. kind, name: what it is, e.g.
        "an episode of instance", "order-7"."""
        thread = _get_ident()
        if thread in GUARDED:  # within another one
            return function(*args)
        guard, watch = self._guard, self._watch
        watched = (kind, name, _monotonic(), thread)  # a tuple is the quickest to make
        if watch is not None:
            watch.watched = watch.begun = watched
            if watch.sleeps:
                watch.wake()
        try:
            if guard is not None:
                GUARDED[thread] = guard.is_strict
                if guard.is_strict:
                    guard.begin()
            return function(*args)
        finally:
            if guard is not None:
                if guard.is_strict:
                    guard.end()
                del GUARDED[thread]
            if watch is not None:
                watch.watched = None
                took = _monotonic() - watched[2]
                if took > HOLD_UP:
                    watch.took_long(watched, took)


EDGE: Final[CodeType] = Oversight.call.__code__
"""Where that code begins: what called it is none of its business."""

NO_OVERSIGHT: Final = Oversight()
