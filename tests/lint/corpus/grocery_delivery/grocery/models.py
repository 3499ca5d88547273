from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int
    cents: int
    substitutes: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        return self.quantity * self.cents


@dataclass(frozen=True)
class Basket:
    order_id: str
    customer: str
    lines: list[Line]
    slot_start: float
    contactless: bool = False

    def slot(self) -> datetime:
        return datetime.fromtimestamp(self.slot_start, timezone.utc)

    def slot_end(self) -> datetime:
        return self.slot() + timedelta(hours=2)


@dataclass
class PickList:
    """What a picker sees on the handheld."""

    order_id: str
    lines: list[Line]
    opened_at: float = field(default_factory=time.time)  # expect: DUR101
    reference: str = ""

    def __post_init__(self) -> None:
        if not self.reference:
            self.reference = f"PL-{uuid.uuid4().hex[:8]}"  # expect: DUR112

    def __len__(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass
class DeliveryNote:
    """Printed by the van's label printer; made in activities only."""

    order_id: str
    printed_at: datetime = field(default_factory=datetime.now)
    serial: str = field(default_factory=lambda: str(uuid.uuid1()))
