"""Free slots of practitioners."""

from __future__ import annotations

import calendar
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import arrow
import pendulum

import durable_async as da

OPENING = time(8, 30)
CLOSING = time(17, 0)


@dataclass(frozen=True, order=True)
class Slot:
    start: datetime
    practitioner: str

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=20)


class Schedule:
    def __init__(self, practitioner: str, database: str = "clinic.db") -> None:
        self.practitioner = practitioner
        self.database = database

    def slots(self, day: date) -> Iterator[Slot]:
        moment = datetime.combine(day, OPENING)
        while moment.time() < CLOSING:
            yield Slot(moment, self.practitioner)
            moment += timedelta(minutes=20)

    def taken(self) -> set[str]:
        with sqlite3.connect(self.database) as db:  # expect: DUR121
            rows = db.execute("select start from visits where who = ?", (self.practitioner,))  # expect: DUR121
            return {start for (start,) in rows}

    def next_days(self, count: int) -> list[date]:
        today = pendulum.today().date()  # expect: DUR101
        return [today + timedelta(days=n) for n in range(count) if (today + timedelta(days=n)).weekday() < 5]

    def free(self, count: int = 14) -> list[Slot]:
        taken = self.taken()
        return [s for day in self.next_days(count) for s in self.slots(day) if s.start.isoformat() not in taken]

    def weekday(self, slot: Slot) -> str:
        return calendar.day_name[slot.start.weekday()]

    def today_board(self) -> list[Slot]:
        """Shown in the waiting room."""
        return list(self.slots(date.today()))


def remaining(slot: Slot) -> timedelta:
    return slot.start - arrow.utcnow().datetime  # expect: DUR101


def in_time(slot: Slot, notice: timedelta = timedelta(hours=24)) -> bool:
    return slot.start - da.now() >= notice
