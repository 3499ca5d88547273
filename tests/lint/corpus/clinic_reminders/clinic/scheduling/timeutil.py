"""Local time of the clinics. All of them are in one country, one zone."""

from __future__ import annotations

import time
from datetime import date, datetime, time as clock_time, timedelta, timezone
from zoneinfo import ZoneInfo

import arrow

import durable_async as da

BERLIN = ZoneInfo("Europe/Berlin")
QUIET = (clock_time(20, 0), clock_time(8, 0))
LOADED_AT = time.monotonic()


def as_local(moment: datetime) -> datetime:
    return moment.astimezone(BERLIN)


def now_local() -> datetime:
    return datetime.now(tz=BERLIN)  # expect: DUR101


def durable_now_local() -> datetime:
    return as_local(da.now())


def from_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, BERLIN)


def quiet_hours(moment: datetime) -> bool:
    local = as_local(moment).time()
    start, end = QUIET
    return local >= start or local < end


def after_quiet(moment: datetime) -> datetime:
    local = as_local(moment)
    if local.time() >= QUIET[0]:
        local += timedelta(days=1)
    return local.replace(hour=QUIET[1].hour, minute=0, second=0, microsecond=0)


def greeting() -> str:
    hour = time.localtime().tm_hour  # expect: DUR101
    match hour:
        case h if h < 11:
            return "Good morning"
        case h if h < 18:
            return "Hello"
        case _:
            return "Good evening"


def stamp(seconds: float | None = None) -> str:
    if seconds is not None:
        return time.strftime("%d.%m.%Y %H:%M", time.gmtime(seconds))
    return time.strftime("%d.%m.%Y %H:%M")  # expect: DUR101


def humanize(moment: datetime, reference: datetime) -> str:
    return arrow.get(moment).humanize(arrow.get(reference), locale="de")


def age_of(born: date, at: date | None = None) -> int:
    at = at or arrow.utcnow().date()  # expect: DUR101
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def uptime() -> float:
    return time.monotonic() - LOADED_AT


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=timezone.utc)
