from __future__ import annotations

import decimal
import functools
import locale
from dataclasses import dataclass

CENT = decimal.Decimal("0.01")


def rounded(amount: decimal.Decimal) -> decimal.Decimal:
    with decimal.localcontext() as context:
        context.rounding = decimal.ROUND_HALF_EVEN
        return amount.quantize(CENT)


@functools.total_ordering
@dataclass(frozen=True, eq=True)
class Money:
    amount: decimal.Decimal
    currency: str = "EUR"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __radd__(self, other: int) -> Money:
        return self

    def __mul__(self, factor: decimal.Decimal | int) -> Money:
        return Money(rounded(self.amount * factor), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return locale.currency(float(self.amount))  # expect: DUR125

    def __format__(self, spec: str) -> str:
        return f"{self.amount:{spec or '.2f'}} {self.currency}"

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency}")


def percent(money: Money, rate: str) -> Money:
    return money * (decimal.Decimal(rate) / 100)
