from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import NewType

OrderId = NewType("OrderId", str)
Sku = NewType("Sku", str)

MAX_PARCEL_GRAMS = 31_500
CUTOFF = timedelta(hours=4)


class Carrier(str, enum.Enum):
    DHL = "dhl"
    DPD = "dpd"
    PICKUP = "pickup"

    @property
    def needs_label(self) -> bool:
        return self is not Carrier.PICKUP


@dataclass(frozen=True, slots=True)
class Line:
    sku: Sku
    quantity: int
    unit_price: Decimal
    grams: int = 0
    bins: frozenset[int] = frozenset()


@dataclass(slots=True)
class Order:
    id: OrderId
    customer: str
    lines: list[Line]
    placed_at: datetime
    carrier: Carrier = Carrier.DHL

    @property
    def total(self) -> Decimal:
        return sum((line.unit_price * line.quantity for line in self.lines), Decimal())

    @property
    def weight(self) -> int:
        return sum(line.grams * line.quantity for line in self.lines)

    def skus(self) -> set[Sku]:
        return {line.sku for line in self.lines}

    def demand(self) -> Counter[Sku]:
        demand: Counter[Sku] = Counter()
        for line in self.lines:
            demand[line.sku] += line.quantity
        return demand


@dataclass(slots=True)
class Allocation:
    sku: Sku
    warehouse: str
    quantity: int


@dataclass(slots=True)
class Shipment:
    order_id: OrderId
    carrier: Carrier
    allocations: list[Allocation] = field(default_factory=list)
    tracking: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))  # expect: DUR101

    def label_key(self) -> str:
        return f"{self.carrier.value}/{self.order_id}"


@dataclass(slots=True)
class PickList:
    """What the printer in the warehouse gets; made by the activity that prints it."""

    warehouse: str
    rows: list[str]
    printed_at: datetime = field(default_factory=datetime.utcnow)


@dataclass(slots=True)
class FulfilmentReport:
    order_id: OrderId
    status: str
    parcels: list[str] = field(default_factory=list)
    finished_at: datetime | None = None
