"""Works on given times only; several names look like clocks."""

from __future__ import annotations

import time as time_module
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple


class time(NamedTuple):
    """An hour and a minute; older than the rule about lower-case classes."""

    hour: int
    minute: int

    def now(self) -> int:
        return self.hour * 60 + self.minute


class Ticker:
    """Given its clock by the caller."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.monotonic = 0

    def time(self) -> float:
        self.monotonic += 1
        return self._clock()


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)


def from_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def format_epoch(seconds: float) -> str:
    return time_module.strftime("%Y-%m-%d", time_module.gmtime(seconds))


def text_of(seconds: float) -> str:
    return time_module.asctime(time_module.gmtime(seconds)) + time_module.ctime(seconds)


def opening(at: time) -> int:
    return time(at.hour, 0).now() + at.minute


def quarter(day: date, fallback: date = date.today()) -> int:
    return (day.month - 1) // 3 if day else fallback.month


def week(day: date) -> int:
    return (day - timedelta(days=day.weekday())).isocalendar().week


def countdown(time: float, steps: int) -> list[float]:
    return [time - step for step in range(steps)]


def parse_local(text: str) -> datetime:
    datetime_now = datetime.strptime(text, "%Y-%m-%d")
    return datetime_now.replace(tzinfo=timezone.utc)


class Window:
    created = time_module.time()

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.begin, self.end = begin, end

    def now(self) -> datetime:
        return self.begin

    def today(self) -> date:
        return self.begin.date()
