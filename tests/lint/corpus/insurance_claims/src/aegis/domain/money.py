"""Amounts; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce, total_ordering
from operator import add


@total_ordering
@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} is not {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money((self.amount * factor).quantize(Decimal("0.01"), ROUND_HALF_UP), self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.amount < other.amount

    def __format__(self, spec: str) -> str:
        return f"{self.amount:{spec or '.2f'}} {self.currency}"

    @classmethod
    def parse(cls, text: str) -> "Money":
        amount, _, currency = text.partition(" ")
        return cls(Decimal(amount), currency or "EUR")


def zero(currency: str = "EUR") -> Money:
    return Money(Decimal(0), currency)


def total(amounts: list[Money]) -> Money:
    return reduce(add, amounts, zero())
