"""Business days, quarters and cut-offs."""

from __future__ import annotations

import time
from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pendulum

from reporting.engine import business_time, timed

OFFICE = ZoneInfo("Europe/Berlin")
HOLIDAYS = frozenset({date(2025, 1, 1), date(2025, 12, 25), date(2025, 12, 26)})


def local_today() -> date:
    return business_time().astimezone(OFFICE).date()


def fiscal_year(day: date | None = None) -> int:
    day = day or date.today()  # expect: DUR101
    return day.year + (day.month >= 10)


@timed
def previous_business_day(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= 5 or day in HOLIDAYS:
        day -= timedelta(days=1)
    return day


@timed
def quarter_start(moment):
    anchor = pd.Timestamp.now(tz="Europe/Berlin") if moment is None else pd.Timestamp(moment)  # expect: DUR101
    return anchor.to_period("Q").start_time.date()


def hours_since(iso: str) -> int:
    return int(pendulum.now("Europe/Berlin").diff(pendulum.parse(iso)).in_hours())  # expect: DUR101


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def heading(day: date) -> str:
    zone = time.tzname[0]  # expect: DUR125
    stamp = time.strftime("%A %d %B", day.timetuple())
    return f"{stamp} ({zone})"


def next_holiday() -> date | None:
    today = datetime.now(OFFICE).date()
    return min((day for day in HOLIDAYS if day > today), default=None)
