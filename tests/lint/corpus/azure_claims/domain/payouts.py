"""Amounts, deductions and references."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from domain.rates import interest_rate

_NAMESPACE = uuid.UUID("1c0e8a2e-7a52-4f0e-8a51-18a0a5b3c111")


def amount(claim: dict, received: datetime) -> int:
    value = Decimal(claim["amount"]) - Decimal(claim.get("deductible", 0))
    if claim.get("late"):
        value += value * interest_rate(claim["product"]) * days_late(claim) / 365
    return max(0, int(value))


def days_late(claim: dict) -> int:
    return (date.today() - date.fromisoformat(claim["due"])).days  # expect: DUR101


def reference(number: str, guid: str) -> str:
    return f"{number}/{uuid.uuid5(_NAMESPACE, guid).hex[:8]}"


def legacy_reference(number: str) -> str:
    return f"{number}/{uuid.uuid4().hex[:8]}"
