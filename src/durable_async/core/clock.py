"""What time it is for an execution. Invariant: it moves only between episodes, and never back."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["ExecutionClock", "due_at"]

_LAST: Final = datetime.max.replace(tzinfo=UTC)
_LAST_SECONDS: Final = _LAST.timestamp()
_MICROSECOND: Final = timedelta(microseconds=1)


class ExecutionClock:
    """now: aware, UTC. seconds: the same as Unix time, what `loop.time()` says."""

    __slots__ = ("now", "seconds")

    def __init__(self) -> None:
        self.now = datetime.fromtimestamp(0, UTC)
        self.seconds = 0.0

    def move_to(self, moment: datetime) -> None:
        """Ignored if it would go back: an engine's clock may be set back, ours may not."""
        if moment > self.now:
            self.now = moment
            self.seconds = moment.timestamp()


def due_at(seconds: float) -> datetime:
    """The first moment not before this Unix time; beyond the year 9999, its last moment.

    Raises ValueError for NaN and infinity.
    """
    if not math.isfinite(seconds):
        raise ValueError(
            f"a timer cannot be due at {seconds}: give a finite number of seconds, or wait for "
            "ever with `await da.wait_for_event(...)`"
        )
    if seconds >= _LAST_SECONDS:
        return _LAST
    due = datetime.fromtimestamp(seconds, UTC)
    # Rounded up: code that sleeps for what is left of a period would find something left for ever.
    return due if due.timestamp() >= seconds else due + _MICROSECOND
