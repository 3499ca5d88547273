"""Applications, offers and decisions."""

from __future__ import annotations

import datetime
import enum
import json
import random
import time
from dataclasses import asdict, dataclass, field
from decimal import Decimal

import attrs


class Decision(enum.Enum):
    APPROVED = "approved"
    REFERRED = "referred"
    DECLINED = "declined"


@dataclass(frozen=True)
class Application:
    number: str
    applicant: str
    cents: int
    months: int
    purposes: frozenset[str] = frozenset()

    @property
    def monthly(self) -> Decimal:
        return Decimal(self.cents) / self.months / 100

    def canonical(self) -> str:
        values = asdict(self)
        values["purposes"] = sorted(self.purposes)
        return json.dumps(values, sort_keys=True)

    def describe(self) -> str:
        return f"{self.number}: {', '.join(self.purposes)}"  # expect: DUR134


def _valid_until() -> datetime.date:
    return datetime.date.today() + datetime.timedelta(days=30)  # expect: DUR101


@attrs.define
class Offer:
    application: Application
    rate: Decimal
    made_at: float = attrs.field(factory=time.time)  # expect: DUR101
    valid_until: datetime.date = attrs.Factory(_valid_until)
    conditions: list[str] = attrs.Factory(list)

    def total(self) -> Decimal:
        years = Decimal(self.application.months) / 12
        return self.application.monthly * self.application.months * (1 + self.rate * years)

    def require(self, condition: str) -> Offer:
        self.conditions.append(condition)
        return self


@attrs.define
class Batch:
    """Offers printed together; made by the mail room's job, not by a flow."""

    offers: list[Offer]
    printed: float = attrs.field(factory=time.monotonic)
    lot: int = attrs.Factory(lambda: random.randrange(1_000_000))


@dataclass
class Tally:
    by_decision: dict[str, int] = field(default_factory=dict)

    def __iadd__(self, decision: Decision) -> Tally:
        self.by_decision[decision.value] = self.by_decision.get(decision.value, 0) + 1
        return self

    def __str__(self) -> str:
        return ", ".join(f"{name}: {n}" for name, n in sorted(self.by_decision.items()))
