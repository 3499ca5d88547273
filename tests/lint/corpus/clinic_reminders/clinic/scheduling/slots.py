from __future__ import annotations

import calendar
import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


@dataclass(order=True, frozen=True)
class Slot:
    begin: datetime
    minutes: int = field(compare=False, default=20)
    room: str = field(compare=False, default="")

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(minutes=self.minutes)

    def overlaps(self, other: Slot) -> bool:
        return self.begin < other.end and other.begin < self.end


def next_working_day(day: date, closed: set[date]) -> date:
    day += timedelta(days=1)
    while day.weekday() >= calendar.SATURDAY or day in closed:
        day += timedelta(days=1)
    return day


def free_slots(taken: list[Slot], day: datetime) -> Iterator[Slot]:
    for minute in range(8 * 60, 16 * 60, 20):
        slot = Slot(day.replace(hour=minute // 60, minute=minute % 60))
        if not any(slot.overlaps(other) for other in taken):
            yield slot


def merged(*calendars: list[Slot]) -> list[Slot]:
    return list(heapq.merge(*calendars))


def rooms(slots: list[Slot]) -> str:
    names = {slot.room for slot in slots if slot.room}
    return ", ".join(names)  # expect: DUR134


def month_length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


class Throttle:
    """Keeps the old SMS gateway happy. Superseded by the queue of the gateway."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._last = 0.0

    def wait(self) -> None:
        time.sleep(self._gap)  # expect: DUR102

    def __enter__(self) -> Throttle:
        self.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._last += self._gap
