"""Meter readings and what is wrong with them."""
from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise


class Quality(enum.IntEnum):
    MEASURED = 0
    ESTIMATED = 1
    MISSING = 2


@dataclasses.dataclass(slots=True)
class Reading:
    meter: str
    at: int
    wh: int
    quality: Quality = Quality.MEASURED

    def __lt__(self, other: Reading) -> bool:
        return (self.at, self.meter) < (other.at, other.meter)

    def __hash__(self) -> int:
        return hash((self.at, self.wh))

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.at, tz=timezone.utc)


@dataclasses.dataclass
class Series:
    """A meter's readings in order of time. Slicing gives a series again."""

    meter: str
    readings: list[Reading] = dataclasses.field(default_factory=list)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def __len__(self) -> int:
        return len(self.readings)

    def __getitem__(self, key: slice) -> Series:
        return Series(self.meter, self.readings[key])

    def add(self, new: Sequence[Reading]) -> None:
        known = {r.at for r in self.readings}
        self.readings += [r for r in new if r.at not in known]
        self.readings.sort()

    def gaps(self, step: int = 900) -> list[tuple[int, int]]:
        return [(a.at, b.at) for a, b in pairwise(self.readings) if b.at - a.at > step]

    def fill(self, step: int = 900) -> int:
        """Linear interpolation. Returns how many were made up."""
        made = []
        for a, b in pairwise(list(self.readings)):
            count = (b.at - a.at) // step
            for i in range(1, count):
                made.append(Reading(self.meter, a.at + i * step, a.wh + (b.wh - a.wh) * i // count, Quality.ESTIMATED))
        self.add(made)
        return len(made)

    def consumption(self) -> int:
        return self.readings[-1].wh - self.readings[0].wh if self.readings else 0


def latest(series: Series) -> datetime:
    if not series.readings:
        return datetime.fromtimestamp(0, timezone.utc)
    return series.readings[-1].time


def age(series: Series) -> timedelta:
    return datetime.now(timezone.utc) - latest(series)  # expect: DUR101


def meters(readings: Sequence[Reading]) -> set[str]:
    return {r.meter for r in readings}
