"""Spending limits. Every policy answers the same two questions."""

import datetime as dt
import os
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol, runtime_checkable

from ..models import Authorization, Tier


@runtime_checkable
class LimitPolicy(Protocol):
    name: str

    def ceiling(self, spent: Decimal) -> Decimal: ...

    def explain(self, authorization: Authorization) -> Iterable[str]: ...


class FlatPolicy:
    name = "flat"

    def __init__(self, limit: Decimal) -> None:
        self._limit = limit

    def ceiling(self, spent: Decimal) -> Decimal:
        return max(self._limit - spent, Decimal(0))

    def explain(self, authorization: Authorization) -> Iterable[str]:
        yield f"flat limit of {self._limit}"


class WeekendPolicy(FlatPolicy):
    """Twice the money at weekends."""

    name = "weekend"

    def ceiling(self, spent: Decimal) -> Decimal:
        left = super().ceiling(spent)
        if dt.date.today().weekday() >= 5:  # expect: DUR101
            return left * 2
        return left


class ConfiguredPolicy(FlatPolicy):
    name = "configured"

    def __init__(self) -> None:
        super().__init__(Decimal(os.environ.get("METAL_LIMIT", "10000")))  # expect: DUR124

    def explain(self, authorization: Authorization) -> Iterable[str]:
        yield from super().explain(authorization)
        yield f"authorised on {authorization.requested_at:%A}"


class PartnerPolicy:
    """Only the back office uses it."""

    name = "partner"

    def ceiling(self, spent: Decimal) -> Decimal:
        return Decimal(os.environ["PARTNER_LIMIT"])

    def explain(self, authorization: Authorization) -> Iterable[str]:
        return [f"partner limit at {dt.datetime.now():%H:%M}"]


def policy_for(tier: Tier) -> LimitPolicy:
    match tier:
        case Tier.METAL:
            return ConfiguredPolicy()
        case Tier.PLUS:
            return WeekendPolicy(Decimal(5_000))
        case _:
            return FlatPolicy(Decimal(1_000))
