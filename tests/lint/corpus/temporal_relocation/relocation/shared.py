from __future__ import annotations

import dataclasses
import json
import random
import uuid
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import Any, NamedTuple

from temporalio.common import RetryPolicy

TASK_QUEUE = "relocation"
DEFAULT_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5)


class Step(IntEnum):
    VISA = 1
    HOUSING = 2
    SHIPPING = 3


class Quote(NamedTuple):
    vendor: str
    cents: int


@dataclasses.dataclass
class Move:
    employee: str
    origin: str
    destination: str
    family: list[str] = dataclasses.field(default_factory=list)
    tags: set[str] = dataclasses.field(default_factory=set)

    def reference(self) -> str:
        return f"MV-{self.employee}-{uuid.uuid4().hex[:6]}"  # expect: DUR112

    def fingerprint(self) -> str:
        return json.dumps(dataclasses.asdict(self), sort_keys=True, default=sorted)

    def fragments(self) -> list[str]:
        return [tag.upper() for tag in self.tags]  # expect: DUR134

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Move:
        return cls(row["employee"], row["from"], row["to"])


def cheapest(quotes: list[Quote]) -> Quote:
    best = min(quote.cents for quote in quotes)
    same = [quote for quote in quotes if quote.cents == best]
    return random.choice(same)  # expect: DUR111


def due(step: Step, start: datetime) -> datetime:
    return start + timedelta(days=30 * int(step))


def is_overdue(step: Step, start: datetime) -> bool:
    return datetime.now(timezone.utc) > due(step, start)  # expect: DUR101


def overdue_in_report(step: Step, start: datetime) -> bool:
    """Of the nightly report."""
    return datetime.now(timezone.utc) > due(step, start)
