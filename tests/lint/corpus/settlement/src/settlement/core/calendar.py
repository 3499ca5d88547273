"""Days on which money moves."""

import datetime
from datetime import timedelta

import pandas as pd

HOLIDAYS = frozenset({datetime.date(2025, 1, 1), datetime.date(2025, 12, 25)})

__all__ = ["is_settlement_day", "next_settlement_day", "value_date"]


def is_settlement_day(day: datetime.date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def next_settlement_day(day: datetime.date) -> datetime.date:
    day += timedelta(days=1)
    while not is_settlement_day(day):
        day += timedelta(days=1)
    return day


def value_date(trade: datetime.date | None = None, lag: int = 2) -> datetime.date:
    day = trade or datetime.date.today()  # expect: DUR101
    for _ in range(lag):
        day = next_settlement_day(day)
    return day


def quarter(day: datetime.date | None = None) -> str:
    moment = pd.Timestamp(day) if day else pd.Timestamp.now(tz="UTC")
    return f"{moment.year}Q{moment.quarter}"


def month_ends(start: datetime.date, periods: int) -> list[datetime.date]:
    return [stamp.date() for stamp in pd.date_range(start, periods=periods, freq="ME")]
