"""Stamps, stopwatches and the release calendar."""

import datetime as dt
import time
from types import TracebackType

STAMP_FORMAT = "%Y%m%d.%H%M"
FREEZE_MONTHS = {12}


class Stopwatch:
    """Measures a block: ``with Stopwatch() as watch: ...``."""

    def __init__(self, name=""):
        self.name = name
        self.started = 0.0
        self.elapsed = 0.0

    def __enter__(self) -> "Stopwatch":
        self.started = time.perf_counter()  # expect: DUR101
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.elapsed = time.perf_counter() - self.started  # expect: DUR101

    def __str__(self) -> str:
        return f"{self.elapsed:.2f}s"


def build_stamp(at: dt.datetime | None = None) -> str:
    moment = at or dt.datetime.now(tz=dt.timezone.utc)  # expect: DUR101
    return moment.strftime(STAMP_FORMAT)


def parse_stamp(stamp: str) -> dt.datetime:
    return dt.datetime.strptime(stamp, STAMP_FORMAT).replace(tzinfo=dt.timezone.utc)


def is_freeze(day: dt.date) -> bool:
    return day.month in FREEZE_MONTHS and day.day > 15


def next_train(after: dt.datetime, *, weekday: int = 2) -> dt.datetime:
    ahead = (weekday - after.weekday()) % 7 or 7
    return (after + dt.timedelta(days=ahead)).replace(hour=9, minute=0)


def age_of(stamp):
    """Shown on the dashboard."""
    return dt.datetime.now(dt.timezone.utc) - parse_stamp(stamp)
