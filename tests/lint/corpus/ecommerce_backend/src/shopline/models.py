"""Value objects that cross the durable boundary."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone


class OrderState(enum.Enum):
    NEW = "new"
    PAID = "paid"
    SHIPPED = "shipped"

    @property
    def is_final(self) -> bool:
        return self is OrderState.SHIPPED

    def stamp(self) -> str:
        return f"{self.value}@{datetime.now(timezone.utc).isoformat()}"  # expect: DUR101

    def describe(self) -> str:
        return f"{self.value} as of {datetime.now():%H:%M}"


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int
    cents: int

    def total(self) -> int:
        return self.quantity * self.cents


@dataclass
class Order:
    id: str
    lines: list[Line]
    email: str
    tags: set[str] = field(default_factory=set)

    def total(self) -> int:
        return sum(line.total() for line in self.lines)

    def skus(self) -> set[str]:
        return {line.sku for line in self.lines}


@dataclass
class AuditEntry:
    message: str
    at: datetime = field(default_factory=datetime.now)  # expect: DUR101
    key: str = field(default_factory=lambda: uuid.uuid4().hex)  # expect: DUR112


@dataclass
class ImportBatch:
    """Made by the nightly import only."""

    source: str
    started: datetime = field(default_factory=datetime.utcnow)
    key: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass
class Receipt:
    order_id: str
    reference: str
    trail: list[str] = field(default_factory=list)
