"""Amounts and rates."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import requests

CENT = Decimal("0.01")
_rates: dict[tuple[str, str], Decimal] = {}


@functools.total_ordering
@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            other = other.to(self.currency)
        return Money(self.amount + other.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < other.to(self.currency).amount

    def to(self, currency: str) -> Money:
        if currency == self.currency:
            return self
        return Money((self.amount * rate(self.currency, currency)).quantize(CENT, ROUND_HALF_EVEN), currency)


def rate(base: str, quote: str) -> Decimal:
    pair = (base, quote)
    if pair not in _rates:  # expect: DUR141
        reply = requests.get(f"https://fx.example/{base}/{quote}", timeout=5)  # expect: DUR121
        _rates[pair] = Decimal(reply.json()["mid"])  # expect: DUR141
    return _rates[pair]  # expect: DUR141


def simulated_rate(base: str, quote: str) -> Decimal:
    """For the demo desk, which no settlement uses."""
    return Decimal(str(1 + random.gauss(0, 0.01)))


def total(amounts: list[Money], currency: str) -> Money:
    result = Money(Decimal(0), currency)
    for money in amounts:
        result = result + money
    return result
