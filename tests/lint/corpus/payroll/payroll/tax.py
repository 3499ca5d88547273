"""Wage tax, simplified. Tables come with the release."""
from __future__ import annotations

import bisect
import enum
from dataclasses import dataclass

class TaxClass(enum.IntEnum):
    SINGLE = 1
    PARENT = 2
    MARRIED = 3


BRACKETS = [(0, 0), (100_000, 14), (250_000, 24), (550_000, 42)]
FREE = {TaxClass.SINGLE: 100_000, TaxClass.PARENT: 130_000, TaxClass.MARRIED: 200_000}


@dataclass(frozen=True)
class Deduction:
    code: str
    cents: int

    def __neg__(self) -> Deduction:
        return Deduction(self.code, -self.cents)


def wage_tax(gross: int, tax_class: TaxClass) -> int:
    taxable = max(0, gross - FREE[tax_class])
    position = bisect.bisect_right(BRACKETS, (taxable, 100)) - 1
    tax = 0
    for (low, percent), (high, _) in zip(BRACKETS[: position + 1], [*BRACKETS[1:], (10**12, 0)], strict=False):
        tax += (min(taxable, high) - low) * percent // 100
    return tax


def social(gross: int) -> list[Deduction]:
    capped = min(gross, 755_000)
    return [
        Deduction("pension", capped * 93 // 1000),
        Deduction("health", min(gross, 517_500) * 81 // 1000),
        Deduction("unemployment", capped * 13 // 1000),
    ]


def total(deductions: list[Deduction]) -> int:
    return sum(d.cents for d in deductions)
