from __future__ import annotations

import datetime
import decimal
import locale
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, order=True)
class Price:
    cents: int

    def __add__(self, other: Price) -> Price:
        return Price(self.cents + other.cents)

    def __format__(self, spec: str) -> str:
        return locale.currency(self.cents / 100)  # expect: DUR125

    def __bool__(self) -> bool:
        return self.cents > 0


TABLE = {"main": Price(1200), "tower": Price(600)}


def price_of(name: str) -> Price:
    base = TABLE.get(name, Price(0))
    return Price(base.cents // 2) if Tariff().reduced else base


class Tariff:
    @cached_property
    def reduced(self) -> bool:
        return datetime.datetime.today().weekday() == 2  # expect: DUR101

    @cached_property
    def vat(self) -> decimal.Decimal:
        return decimal.Decimal("0.07")

    def reduced_on(self, day: datetime.date) -> bool:
        return day.weekday() == 2


def receipt(total: Price) -> str:
    return f"Total {total:c}"
