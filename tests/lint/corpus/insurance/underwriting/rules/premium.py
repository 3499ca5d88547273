"""Premiums. Pure, exact, and the same at every replay."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from underwriting.model import Application

RATES: Mapping[str, Decimal] = {"fire": Decimal("0.0011"), "water": Decimal("0.0024"), "theft": Decimal("0.0017")}
MINIMUM = Decimal("48.00")


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def cover_premium(application: Application, cover: str) -> Decimal:
    return application.sums.get(cover, Decimal(0)) * RATES.get(cover, Decimal("0.003"))


def premium(application: Application, loading: Decimal) -> Decimal:
    parts = [cover_premium(application, cover) for cover in sorted(application.covers)]
    base = functools.reduce(operator.add, parts, Decimal(0))
    return max(cents(base * (1 + loading)), MINIMUM)


def missing_sums(application: Application) -> set[str]:
    missing = set()
    for cover in application.covers:
        if cover not in application.sums:
            missing.add(cover)
    return missing


def can_bind(application: Application) -> bool:
    return all(cover in RATES for cover in application.covers) and not missing_sums(application)
