"""How code of orchestrators and entities is run. Invariant: whatever of it runs in a turn runs
guarded, and watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from durable_async.worker.guard import NO_GUARD, Guard
from durable_async.worker.watchdog import Watchdog

__all__ = ["NO_OVERSIGHT", "Oversight"]

P = ParamSpec("P")
T = TypeVar("T")


class Oversight:
    """Of one worker. watchdog: None if nobody is to look."""

    def __init__(self, guard: Guard = NO_GUARD, watchdog: Watchdog | None = None) -> None:
        self._guard = guard
        self._watchdog = watchdog

    def call(
        self, kind: str, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`function(*args, **kwargs)`. kind, name: what that is, e.g. "an episode of instance",
        "order-7"."""
        if self._watchdog is None:
            return self._guard.call(function, *args, **kwargs)
        return self._watchdog.call(kind, name, self._guard.call, function, *args, **kwargs)


NO_OVERSIGHT: Final = Oversight()
