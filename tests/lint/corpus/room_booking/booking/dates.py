"""Dates of stay. A night belongs to the evening it starts in."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

WEEKEND = {4, 5}


@dataclass(frozen=True, order=True)
class Stay:
    arrival: dt.date
    departure: dt.date

    def __post_init__(self) -> None:
        if self.departure <= self.arrival:
            raise ValueError("a stay has at least one night")
        if self.arrival < dt.date.today():  # expect: DUR101
            raise ValueError("arrival is in the past")

    def __len__(self) -> int:
        return (self.departure - self.arrival).days

    def __iter__(self) -> Iterator[dt.date]:
        for offset in range(len(self)):
            yield self.arrival + dt.timedelta(days=offset)

    @property
    def weekend_nights(self) -> int:
        return sum(1 for night in self if night.weekday() in WEEKEND)


def iso(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def check_in_deadline(stay: Stay, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(stay.arrival, dt.time(18), tzinfo=zone)


def closed_days(stay: Stay, closed: set[dt.date]) -> list[str]:
    return [day.isoformat() for day in closed & set(stay)]  # expect: DUR134


def first_closed(stay: Stay, closed: set[dt.date]) -> dt.date | None:
    overlap = closed.intersection(stay)
    return min(overlap) if overlap else None
