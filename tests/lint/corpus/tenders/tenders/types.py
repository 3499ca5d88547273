"""Value types of the tender process. All immutable."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, NewType, TypedDict

Cents = NewType("Cents", int)


class Bid(NamedTuple):
    bidder: str
    amount: Cents
    received: datetime
    lots: frozenset[str] = frozenset()

    def late(self, deadline: datetime) -> bool:
        return self.received > deadline

    def extended(self, days: int) -> Bid:
        return self._replace(received=self.received + timedelta(days=days))

    def lot_list(self) -> list[str]:
        return sorted(self.lots)


class Award(TypedDict):
    tender: str
    winner: str
    reason: str


EPOCH = datetime(2020, 1, 1)
EMPTY: dict[str, Bid] = {}
