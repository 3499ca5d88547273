"""Warehouse days and cut-off times."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

WAREHOUSE = ZoneInfo("Europe/Warsaw")
CUTOFF = dt.time(15, 30)
STARTED = time.time()


def business_day(moment: dt.datetime) -> bool:
    return moment.astimezone(WAREHOUSE).weekday() < 5


def next_cutoff(after: dt.datetime | None = None) -> dt.datetime:
    after = after or dt.datetime.now(WAREHOUSE)  # expect: DUR101
    candidate = dt.datetime.combine(after.date(), CUTOFF, tzinfo=WAREHOUSE)
    while candidate <= after or not business_day(candidate):
        candidate += dt.timedelta(days=1)
    return candidate


def from_epoch(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.timezone.utc)


def local_label(moment: dt.datetime) -> str:
    return f"{moment:%d.%m.} {time.tzname[0]}"  # expect: DUR125


def uptime() -> float:
    return time.time() - STARTED
