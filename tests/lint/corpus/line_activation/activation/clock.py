"""The time, as the flows may ask for it: always durable."""

import datetime
import time as wall
from datetime import timezone

import durable_async as da

UTC = timezone.utc
RELEASED = datetime.datetime(2024, 2, 1, tzinfo=UTC)


def now() -> datetime.datetime:
    return da.now()


def time() -> float:
    return now().timestamp()


def today() -> datetime.date:
    return now().date()


def parse(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(moment: datetime.datetime) -> str:
    return wall.strftime("%d.%m.%Y", moment.timetuple())


def age(moment: datetime.datetime, since: datetime.datetime = datetime.datetime.now(UTC)) -> float:
    return (since - moment).total_seconds()


def process_age(started: float) -> float:
    """For the worker's health page."""
    return wall.monotonic() - started
