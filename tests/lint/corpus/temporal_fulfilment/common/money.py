"""Sums in several currencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, getcontext

CENT = Decimal("0.01")
BASE_RATES = {"EUR": Decimal(1), "PLN": Decimal("4.31"), "USD": Decimal("1.08")}
_overrides: dict[str, Decimal] = {}
_audit: list[str] = []


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + convert(other, self.currency).amount, self.currency)


def set_rate(currency: str, rate: Decimal) -> None:
    _overrides[currency] = rate  # expect: DUR141


def rate_of(currency: str) -> Decimal:
    if currency in _overrides:  # expect: DUR141
        return _overrides[currency]  # expect: DUR141
    return BASE_RATES[currency]


def convert(money: Money, currency: str) -> Money:
    if money.currency == currency:
        return money
    value = money.amount / rate_of(money.currency) * rate_of(currency)
    return Money(value.quantize(CENT, ROUND_HALF_UP), currency)


def total(parts: Iterable[Money], currency: str = "EUR") -> Money:
    result = Money(Decimal(0), currency)
    for part in parts:
        result = result + part
    return result


def record_for_ledger(line: str) -> None:
    """The ledger job's; it drains the list every minute."""
    _audit.append(line)
    getcontext().prec = 28
