from __future__ import annotations

import time as _t
from datetime import datetime, timedelta, timezone
from typing import Protocol

import durable_async as da


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class WallClock:
    def __call__(self) -> datetime:
        return datetime.now(timezone.utc)  # expect: DUR101


class TerminalClock:
    """For the tablets: corrected by what NTP told us last."""

    def __init__(self, skew: timedelta) -> None:
        self.skew = skew

    def __call__(self) -> datetime:
        return datetime.utcnow().replace(tzinfo=timezone.utc) + self.skew


class KitchenClock:
    def __call__(self) -> datetime:
        return da.now()


class Stopwatch:
    elapsed = 0.0

    def __enter__(self) -> Stopwatch:
        self._begin = _t.perf_counter()  # expect: DUR101
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.elapsed = _t.perf_counter() - self._begin  # expect: DUR101


def shown(moment: datetime) -> str:
    return _t.strftime("%H:%M", moment.timetuple())
