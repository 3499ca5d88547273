from __future__ import annotations

import decimal
import locale
import os
from dataclasses import dataclass

decimal.getcontext().prec = 12
EXCESS = {"basic": 500, "plus": 250, "premium": 0}


@dataclass(frozen=True)
class Money:
    cents: int
    currency: str = "EUR"

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} is not {self.currency}")
        return Money(self.cents + other.cents, self.currency)

    def __str__(self) -> str:
        return locale.currency(self.cents / 100)  # expect: DUR125

    def __format__(self, spec: str) -> str:
        return f"{self.cents / 100:.2f} {self.currency}"

    def __bool__(self) -> bool:
        return self.cents != 0


def excess_for(plan: str) -> Money:
    default = int(os.environ.get("AUTOCLAIMS_EXCESS", "500"))  # expect: DUR124
    return Money(EXCESS.get(plan, default) * 100)
