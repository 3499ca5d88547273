"""Patients and staff."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone


@functools.total_ordering
@dataclass(frozen=True)
class Patient:
    number: str
    born: date
    urgency: int = 3

    @property
    def age(self) -> int:
        return (date.today() - self.born).days // 365  # expect: DUR101

    @property
    def initials(self) -> str:
        return self.number[:2]

    def __lt__(self, other: "Patient") -> bool:
        return (self.urgency, self.number) < (other.urgency, other.number)

    def __str__(self) -> str:
        return f"{self.number} ({self.urgency})"

    def bucket(self) -> int:
        return hash(self.number) % 16  # expect: DUR125

    def stable_bucket(self) -> int:
        return int(hashlib.md5(self.number.encode()).hexdigest(), 16) % 16

    def age_on(self, day: date) -> int:
        return (day - self.born).days // 365


@dataclass
class Shift:
    nurse: str
    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.end is None:
            self.end = datetime.now(timezone.utc)  # expect: DUR101

    def __len__(self) -> int:
        assert self.end is not None
        return int((self.end - self.start).total_seconds())

    def moved(self, start: datetime) -> "Shift":
        return replace(self, start=start)


@dataclass
class Roster:
    shifts: list[Shift] = field(default_factory=list)

    def __iadd__(self, shift: Shift) -> "Roster":
        self.shifts.append(shift)
        print("added", shift.nurse)  # expect: DUR143
        return self

    def nurses(self) -> set[str]:
        return {shift.nurse for shift in self.shifts}
