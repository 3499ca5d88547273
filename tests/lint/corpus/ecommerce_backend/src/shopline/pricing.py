"""Discount rules: strategies behind a protocol, chosen from a registry."""

from __future__ import annotations

import random
from typing import Protocol

from .models import Order
from .settings import feature_enabled, get_settings

_RULES: dict[str, type["Discount"]] = {}


class Discount(Protocol):
    def apply(self, order: Order) -> int: ...


def rule(name: str):
    def register(cls):
        _RULES[name] = cls
        return cls

    return register


@rule("loyalty")
class LoyaltyDiscount:
    def __init__(self, percent: int = 5) -> None:
        self.percent = percent

    def apply(self, order: Order) -> int:
        return order.total() * self.percent // 100


@rule("lucky")
class LuckyDiscount(LoyaltyDiscount):
    """A random share of the customers gets a surprise."""

    def apply(self, order: Order) -> int:
        base = super().apply(order)
        if random.random() < 0.1:  # expect: DUR111
            return base * 2
        return base


class SeededDiscount(LoyaltyDiscount):
    def apply(self, order: Order) -> int:
        rng = random.Random(order.id)
        return super().apply(order) + rng.randint(0, 50)


def shipping_cents(order: Order) -> int:
    settings = get_settings()
    if settings.is_free(order.total()):
        return 0
    return 790 if settings.carrier == "ups" else 490


def quote(order: Order, discount: Discount) -> int:
    """What the customer pays."""
    cents = order.total() - discount.apply(order)
    if feature_enabled("free-shipping"):
        return cents
    return cents + shipping_cents(order)


def simulate(orders: list[Order]) -> float:
    """Used by the analysts' notebook."""
    return random.gauss(sum(order.total() for order in orders), 10.0)
