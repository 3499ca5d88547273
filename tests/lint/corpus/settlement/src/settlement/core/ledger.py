"""Entries and positions.  Pydantic models, because the API shares them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

import durable_async as da


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True)

    merchant: str
    cents: int
    entry_id: str = Field(default_factory=lambda: uuid.uuid4().hex)  # expect: DUR112
    booked_at: datetime = Field(default_factory=da.now)


class Payout(BaseModel):
    """What the bank returns; only gateways make it."""

    reference: str = Field(default_factory=lambda: uuid.uuid4().hex)
    cents: int
    sent_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))


class Position(BaseModel):
    merchant: str
    cents: int = 0
    entries: int = 0

    @property
    def euros(self) -> Decimal:
        return Decimal(self.cents) / 100

    @property
    def checksum(self) -> int:
        return hash((self.merchant, self.cents))  # expect: DUR125

    def same_as(self, other: Position) -> bool:
        return hash((self.cents, self.entries)) == hash((other.cents, other.entries))


class Ledger:
    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        self._dirty: set[str] = set()

    def book(self, entry: Entry) -> None:
        self._entries[entry.merchant].append(entry)
        self._dirty.add(entry.merchant)

    def __iter__(self) -> Iterator[Position]:
        for merchant, entries in self._entries.items():
            yield Position(merchant=merchant, cents=sum(e.cents for e in entries), entries=len(entries))

    def __contains__(self, merchant: object) -> bool:
        return merchant in self._entries

    def dirty(self) -> list[str]:
        return sorted(self._dirty)

    def take_dirty(self) -> str | None:
        return self._dirty.pop() if self._dirty else None  # expect: DUR134

    def clear(self, merchants: set[str]) -> None:
        for merchant in merchants:
            self._dirty.discard(merchant)

    def as_of(self) -> dict[str, Any]:
        """For the debugger."""
        return {"at": datetime.now(), "positions": list(self)}
