"""Dates of the academic year."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

from django.utils import timezone

CAMPUS = ZoneInfo("Europe/Vienna")
WINTER_STARTS = 10


def academic_year(day: dt.date | None = None) -> str:
    day = day or dt.date.today()  # expect: DUR101
    first = day.year if day.month >= WINTER_STARTS else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def term_of(at: dt.datetime) -> str:
    at = at.astimezone(CAMPUS)
    return "W" if at.month >= WINTER_STARTS or at.month < 3 else "S"


def deadline_passed(deadline: dt.datetime) -> bool:
    return timezone.now() > deadline  # expect: DUR101


def local_day(seconds: float) -> str:
    moment = time.gmtime(seconds)
    return time.strftime("%Y-%m-%d", moment)


def footer_date() -> str:
    return time.strftime("%d.%m.%Y")  # expect: DUR101


def next_window(after: dt.datetime, *, days: int = 14) -> dt.datetime:
    return dt.datetime.combine(after.date() + dt.timedelta(days=days), dt.time(8, 0), tzinfo=CAMPUS)
