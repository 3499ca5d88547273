"""Orders, their lines and the small amount of behaviour that belongs to them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

ORDER_NAMESPACE = uuid.UUID("9a4cbd1e-2f0a-4c7a-9f0d-0e7d4d1f3a11")


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int
    remarks: frozenset[str] = frozenset()


@dataclass
class Order:
    store: str
    number: str
    lines: list[Line]
    member: str | None = None

    @property
    def key(self) -> str:
        return str(uuid.uuid5(ORDER_NAMESPACE, f"{self.store}/{self.number}"))

    @property
    def checksum(self) -> str:
        text = "|".join(f"{line.sku}x{line.quantity}" for line in self.lines)
        return hashlib.sha256(text.encode()).hexdigest()

    def stations(self) -> set[str]:
        return {line.sku.split("-", 1)[0] for line in self.lines}

    def kitchen_route(self) -> list[str]:
        return sorted(self.stations())

    def allergen_note(self) -> str:
        remarks: set[str] = set()
        for line in self.lines:
            remarks |= line.remarks
        return ", ".join(remarks)  # expect: DUR134


@dataclass
class Ticket:
    order: Order
    printed_at: datetime = field(default_factory=lambda: datetime.now(UTC))  # expect: DUR101
    token: str = field(default_factory=lambda: uuid.uuid4().hex[:8])  # expect: DUR112

    def due(self, minutes: int) -> datetime:
        return self.printed_at + timedelta(minutes=minutes)


@dataclass
class AuditRow:
    """Written by the nightly export only."""

    text: str
    at: datetime = field(default_factory=datetime.now)
