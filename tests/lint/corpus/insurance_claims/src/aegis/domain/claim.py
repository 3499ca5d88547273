"""A claim and its damages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType

import durable_async as da

from .money import Money, total

ClaimId = NewType("ClaimId", str)
_PATTERN = re.compile(r"^[A-Z]{2}-\d{6}$")


@dataclass
class Damage:
    part: str
    cost: Money
    photos: list[str] = field(default_factory=list)


@dataclass
class Claim:
    id: ClaimId
    filed: datetime
    damages: list[Damage] = field(default_factory=list)
    witnesses: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def cost(self) -> Money:
        return total([damage.cost for damage in self.damages])

    @property
    def parts(self) -> frozenset[str]:
        return frozenset(damage.part for damage in self.damages)

    def is_late(self, limit: timedelta = timedelta(days=30)) -> bool:
        return da.now() - self.filed > limit

    def is_valid(self) -> bool:
        return _PATTERN.match(self.id) is not None

    def note(self, text: str) -> "Claim":
        self.notes.append(f"{da.now():%F} {text}")
        return self
