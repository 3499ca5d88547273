"""What travels between the billing workflows, their activities and the API."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum


class Plan(str, Enum):
    FREE = "free"
    TEAM = "team"
    ENTERPRISE = "enterprise"


PRICES: dict[Plan, int] = {Plan.FREE: 0, Plan.TEAM: 4_900, Plan.ENTERPRISE: 49_000}


@dataclass
class SubscriptionInput:
    customer_id: str
    plan: Plan
    trial_days: int = 14
    cycles_done: int = 0
    addons: list[str] = field(default_factory=list)


@dataclass
class AuditEntry:
    """One line of the trail support sees in the back office."""

    action: str
    detail: str = ""
    at: datetime = field(default_factory=datetime.utcnow)  # expect: DUR101


@dataclass
class Receipt:
    """Made by the gateway activity, never by a workflow."""

    amount: int
    gateway_ref: str
    receipt_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    issued_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


@dataclass
class Period:
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @classmethod
    def starting(cls, day: date, days: int = 30) -> "Period":
        return cls(day, day + timedelta(days=days))

    @classmethod
    def current(cls) -> "Period":
        return cls.starting(date.today().replace(day=1))  # expect: DUR101

    @classmethod
    def open_ended(cls) -> "Period":
        # only the reporting API asks for this
        return cls(date.today(), date.max)


@dataclass
class SubscriptionResult:
    customer_id: str
    cycles: int
    charged: int
    ended_because: str
