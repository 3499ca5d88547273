"""What moves between the steps of a claim."""

from __future__ import annotations

import enum
import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple


def _received() -> datetime:
    return datetime.now(timezone.utc)  # expect: DUR101


class Peril(enum.Enum):
    FIRE = "fire"
    WATER = "water"
    THEFT = "theft"

    @property
    def notice(self) -> timedelta:
        return timedelta(days=3 if self is Peril.THEFT else 14)

    def deadline(self, day: date) -> date:
        return day + self.notice

    def overdue(self, day: date) -> bool:
        return self.deadline(day) < date.today()  # expect: DUR101


class Policy(NamedTuple):
    number: str
    start: date
    end: date
    excess_cents: int = 0

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end

    def in_force(self) -> bool:
        return self.covers(datetime.now().date())  # expect: DUR101


@dataclass(frozen=True)
class LossReport:
    claim_id: str
    policy_number: str
    happened_on: date
    peril: str
    description: str
    photos: list[str] = field(default_factory=list)


@dataclass
class Note:
    text: str
    author: str = "system"
    created: datetime = field(default_factory=_received)
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # expect: DUR112
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Reserve:
    claim_id: str
    gross_cents: int
    excess_cents: int
    reference: str = ""

    def __post_init__(self) -> None:
        if not self.reference:
            self.reference = f"R{random.randrange(10**6):06}"  # expect: DUR111

    @property
    def net_cents(self) -> int:
        return max(0, self.gross_cents - self.excess_cents)


@dataclass
class Snapshot:
    """A row of the nightly extract; only the exporter makes them."""

    claim_id: str
    taken_at: datetime = field(default_factory=datetime.now)
    row_id: str = field(default_factory=lambda: str(uuid.uuid4()))
