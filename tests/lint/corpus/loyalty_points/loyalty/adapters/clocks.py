"""Three clocks of one shape."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import durable_async

from ..ports import Clock


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class DurableClock:
    def now(self) -> datetime:
        return durable_async.now()


class OffsetClock:
    """A clock in another time zone's business day."""

    def __init__(self, inner: Clock, offset: timedelta) -> None:
        self._inner = inner
        self._offset = offset

    def now(self) -> datetime:
        return self._inner.now() + self._offset

    def __sub__(self, other: datetime) -> timedelta:
        return self.now() - other


def from_timestamp(time: float) -> datetime:
    return datetime.fromtimestamp(time, timezone.utc)
