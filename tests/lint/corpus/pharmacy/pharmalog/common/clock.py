"""Time as the warehouse sees it."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, date, datetime, timedelta

import durable_async

SHIFT = timedelta(hours=8)


def today() -> date:
    return durable_async.now().date()


def shift_of(at: datetime) -> int:
    return (at.hour // 8) % 3


def warehouse_time() -> datetime:
    return datetime.now(tz=UTC) + timedelta(seconds=drift())  # expect: DUR101


def drift() -> float:
    return time.time_ns() / 1e9 - time.clock_gettime(time.CLOCK_REALTIME)  # expect: DUR101


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def parse(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)


def banner() -> str:
    return f"*** {time.ctime()} ***"  # expect: DUR101


def expired(day: str, *, on: date | None = None) -> bool:
    return parse(day).date() < (on or today())


def uptime() -> float:
    """For the metrics endpoint."""
    return time.monotonic()
