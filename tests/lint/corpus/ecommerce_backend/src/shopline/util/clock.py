"""Dates as the shop counts them."""

import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone


def business_date(offset: int = 0) -> date:
    return date.today() + timedelta(days=offset)  # expect: DUR101


def stamp() -> str:
    return time.strftime("%Y%m%d")


def format_epoch(seconds: float) -> str:
    return time.strftime("%Y%m%d", time.gmtime(seconds))


def parse_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


@contextmanager
def elapsed(into: list[float]):
    begin = time.perf_counter()  # expect: DUR101
    yield
    into.append(time.perf_counter() - begin)  # expect: DUR101
