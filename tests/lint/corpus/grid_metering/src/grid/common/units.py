"""Energy amounts and half-hour slots. No I/O, no clocks."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

SLOT = timedelta(minutes=30)
LOCAL = ZoneInfo("Europe/Berlin")


@functools.total_ordering
@dataclass(frozen=True, eq=True)
class Energy:
    watt_hours: int

    def __add__(self, other: Energy) -> Energy:
        return Energy(self.watt_hours + other.watt_hours)

    def __radd__(self, other: int) -> Energy:
        return self if other == 0 else NotImplemented

    def __lt__(self, other: Energy) -> bool:
        return self.watt_hours < other.watt_hours

    def __format__(self, spec: str) -> str:
        return f"{self.watt_hours / 1000:{spec or '.3f'}} kWh"

    @classmethod
    def from_pulses(cls, pulses: int, constant: Fraction) -> Energy:
        return cls(math.floor(pulses * constant))


@dataclass(frozen=True)
class Slot:
    start: datetime

    @staticmethod
    def of(time: datetime) -> Slot:
        seconds = time.timestamp() // SLOT.total_seconds() * SLOT.total_seconds()
        return Slot(datetime.fromtimestamp(seconds, timezone.utc))

    @functools.cached_property
    def local(self) -> datetime:
        return self.start.astimezone(LOCAL)

    def __iter__(self):
        yield self.start
        yield self.start + SLOT

    def __hash__(self) -> int:
        return int(self.start.timestamp())


def total(amounts: list[Energy]) -> Energy:
    return sum(amounts, Energy(0))


def gaps(slots: set[Slot], first: Slot, count: int) -> list[Slot]:
    wanted = [Slot(first.start + n * SLOT) for n in range(count)]
    return [slot for slot in wanted if slot not in slots]
