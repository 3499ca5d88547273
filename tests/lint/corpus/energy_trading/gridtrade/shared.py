"""Data types shared by workflows and activities (a habit from Temporal)."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

TASK_QUEUE = "grid-trading"
GATE_CLOSURE = timedelta(minutes=45)


@dataclass
class Bid:
    area: str
    mwh: Decimal
    limit: Decimal
    tags: frozenset[str] = frozenset()


@dataclass
class DayAhead:
    day: str
    bids: list[Bid] = field(default_factory=list)

    @property
    def volume(self) -> Decimal:
        return sum((bid.mwh for bid in self.bids), Decimal())


@dataclass
class Fill:
    area: str
    price: Decimal
    mwh: Decimal
