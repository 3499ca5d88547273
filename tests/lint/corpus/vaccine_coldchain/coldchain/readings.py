from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Self

import durable_async as da


@dataclass(slots=True, order=True)
class Reading:
    at: datetime
    celsius: float
    probe: str = "main"

    @classmethod
    def now(cls, celsius: float) -> Self:
        return cls(da.now(), celsius)

    @classmethod
    def from_wire(cls, raw: dict[str, object]) -> Self:
        return cls(**{f.name: raw[f.name] for f in fields(cls) if f.name in raw})

    def age(self) -> timedelta:
        return datetime.now(self.at.tzinfo) - self.at  # expect: DUR101


@dataclass
class Series:
    readings: list[Reading] = field(default_factory=list)
    excursions: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __iadd__(self, other: Iterable[Reading]) -> Self:
        self.readings.extend(other)
        self.readings.sort()
        return self

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def kinetic_mean(self) -> float:
        terms = [math.exp(-10_000 / (r.celsius + 273.15)) for r in self]
        return -10_000 / math.log(statistics.fmean(terms)) - 273.15

    def gaps(self, limit: timedelta) -> list[timedelta]:
        return [gap for a, b in pairwise(self.readings) if (gap := b.at - a.at) > limit]

    def by_probe(self) -> dict[str, list[float]]:
        ordered = sorted(self.readings, key=attrgetter("probe"))
        return {k: [r.celsius for r in g] for k, g in groupby(ordered, key=attrgetter("probe"))}

    def probes(self) -> list[str]:
        return list({r.probe for r in self.readings})  # expect: DUR134

    def stale(self) -> bool:
        return not self.readings or self.readings[-1].age() > timedelta(hours=1)
