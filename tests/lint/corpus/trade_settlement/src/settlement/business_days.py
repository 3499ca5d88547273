"""Settlement dates: T+n over a holiday calendar."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone

HOLIDAYS: dict[str, frozenset[date]] = {
    "TARGET": frozenset({date(2025, 1, 1), date(2025, 4, 18), date(2025, 12, 25)}),
    "NYSE": frozenset({date(2025, 1, 1), date(2025, 7, 4), date(2025, 12, 25)}),
}


def is_open(day: date, calendars: Collection[str]) -> bool:
    return day.weekday() < 5 and not any(day in HOLIDAYS[name] for name in calendars)


def settle_on(traded: datetime, lag: int, calendars: Collection[str]) -> date:
    day = traded.astimezone(timezone.utc).date()
    while lag:
        day += timedelta(days=1)
        if is_open(day, calendars):
            lag -= 1
    return day


def cutoff(day: date, hour: int = 16) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc)


def parse(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()


def from_epoch(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).date()
