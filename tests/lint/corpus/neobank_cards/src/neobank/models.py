from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
NAMESPACE = uuid.UUID("6f1b7c1e-5a0c-4f0e-9a55-0f2f7f3c2d10")


class Tier(StrEnum):
    BASIC = "basic"
    PLUS = "plus"
    METAL = "metal"

    @classmethod
    def _missing_(cls, value: object) -> Tier:
        return cls.BASIC


@dataclass(frozen=True, slots=True)
class Authorization:
    card_id: str
    amount: Decimal
    merchant: str
    requested_at: datetime

    def rounded(self) -> Authorization:
        return replace(self, amount=self.amount.quantize(CENT, ROUND_HALF_EVEN))

    @property
    def key(self) -> str:
        """The same authorization has the same key."""
        return str(uuid.uuid5(NAMESPACE, f"{self.card_id}/{self.merchant}/{self.amount}"))


@dataclass(slots=True)
class Decision:
    authorization: Authorization
    approved: bool
    reasons: list[str] = field(default_factory=list)
    reference: str = field(default_factory=lambda: uuid.uuid4().hex)  # expect: DUR112
    decided_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))  # expect: DUR101

    def __post_init__(self) -> None:
        self.reasons.sort()

    def stale(self, now: datetime) -> bool:
        return now - self.decided_at > timedelta(minutes=5)


@dataclass
class Receipt:
    """Made by the notifier, in an activity."""

    reference: str
    sent_at: datetime = field(default_factory=datetime.now)
