"""The clock of an engine. Invariant: a small step back of the clock beneath it is not seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from durable_async.ports import Clock

__all__ = ["HELD", "SteadyClock", "SystemClock", "microseconds", "moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

HELD: Final = timedelta(minutes=1)
"""Steps back up to this are held: time stands still until the clock has caught up.

A larger one is a correction of a clock that was wrong. Holding it could stop every timer for a
month; it is followed, and what was stamped ahead of it is brought back.
"""


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteadyClock:
    """Another clock, without its small steps back. newest: a time that was seen before, e.g. the
    newest stamp in a store."""

    __slots__ = ("_clock", "_newest")

    def __init__(self, clock: Clock, newest: datetime | None = None) -> None:
        self._clock = clock
        self._newest = newest

    def now(self) -> datetime:
        now = self._clock.now()
        newest = self._newest
        if newest is not None and now < newest and newest - now <= HELD:
            return newest
        self._newest = now
        return now

    def has_seen(self, moment: datetime) -> None:
        """Another process has stamped something with this time."""
        if self._newest is None or moment > self._newest:
            self._newest = moment


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC. Exact, which a float of seconds is not."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The aware time, UTC, of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)
