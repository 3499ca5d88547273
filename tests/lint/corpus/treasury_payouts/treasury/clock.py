"""Business time."""

import datetime as _dt
import time as _time
from calendar import timegm

import durable_async as da

utcnow = _dt.datetime.utcnow
monotonic, wall = _time.monotonic, _time.time
today = da.now
Instant = _dt.datetime


def epoch(moment: Instant) -> int:
    return timegm(moment.utctimetuple())


def business_day(moment: Instant) -> _dt.date:
    return moment.date() + _dt.timedelta(days=(7 - moment.weekday()) if moment.weekday() > 4 else 0)


def parse(text: str) -> Instant:
    return Instant.strptime(text, "%Y-%m-%d").replace(tzinfo=_dt.timezone.utc)


def banner(now: Instant = _dt.datetime.now()) -> str:
    return f"started {now:%c}"


def clock_text(stamp: _time.struct_time) -> str:
    return _time.strftime("%H:%M", stamp) + _time.asctime(stamp)
