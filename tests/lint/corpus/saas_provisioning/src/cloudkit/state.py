"""Quota bookkeeping."""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType

PLANS = MappingProxyType({"free": 1, "team": 10})
LIMITS = {"free": 100, "team": 10_000}
_usage: dict[str, int] = {}
_seen: set[str] = set()
_queue: list[str] = []


class Quota:
    default = 5
    overrides: dict[str, int] = {}

    def __init__(self, plan: str) -> None:
        self.plan = plan
        self.marks: set[str] = set()

    @property
    def limit(self) -> int:
        return LIMITS[self.plan]

    def raise_default(self) -> None:
        Quota.default = 6  # expect: DUR141

    def override(self, tenant: str, value: int) -> None:
        self.overrides[tenant] = value  # expect: DUR141

    def mark(self, tenant: str) -> None:
        self.marks.add(tenant)


@cache  # expect: DUR141
def seats(plan: str) -> int:
    return PLANS[plan]


@lru_cache  # expect: DUR141
def price(plan: str, months: int) -> int:
    return PLANS[plan] * months * 990


@cache
def report(plan: str) -> str:
    """For the finance export."""
    return f"{plan}: {LIMITS[plan]}"


def use(tenant: str, amount: int) -> int:
    _usage.setdefault(tenant, 0)  # expect: DUR141
    _usage[tenant] += amount  # expect: DUR141
    return _usage[tenant]  # expect: DUR141


def first_time(tenant: str) -> bool:
    fresh = tenant not in _seen  # expect: DUR141
    _seen.add(tenant)  # expect: DUR141
    return fresh


def enqueue(tenant: str) -> None:
    _queue.append(tenant)


def limit_of(plan: str) -> int:
    return LIMITS.get(plan, 0)


def local_usage(tenants: list[str]) -> dict[str, int]:
    _usage: dict[str, int] = {}
    for tenant in tenants:
        _usage[tenant] = _usage.get(tenant, 0) + 1
    return _usage
