"""Money in cents. No floats below this line, ever."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering


@total_ordering
@dataclass(frozen=True)
class Money:
    cents: int
    currency: str = "EUR"

    @classmethod
    def parse(cls, text: str) -> Money:
        amount, _, currency = text.strip().partition(" ")
        whole, _, frac = amount.replace(",", ".").partition(".")
        return cls(int(whole) * 100 + int((frac + "00")[:2]), currency or "EUR")

    def _check(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._check(other)
        return Money(self.cents - other.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._check(other)
        return self.cents < other.cents

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02d} {self.currency}"

    def share(self, fraction: Decimal) -> Money:
        value = (Decimal(self.cents) * fraction).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        return Money(int(value), self.currency)


def annuity(principal: Money, yearly_rate: Decimal, months: int) -> Money:
    """The monthly instalment of a loan that is paid back in equal parts."""
    rate = yearly_rate / 12
    if rate == 0:
        return Money(-(-principal.cents // months), principal.currency)
    factor = rate / (1 - (1 + rate) ** -months)
    return principal.share(factor)
