"""The classic card: points for facts, summed."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, singledispatchmethod
from typing import Any

from lending.models import Application

Rule = Callable[[Application], int]


def by_amount(limit: int, points: int, application: Application) -> int:
    return points if application.cents <= limit else 0


def by_term(application: Application) -> int:
    override = os.environ.get("TERM_POINTS")  # expect: DUR124
    return int(override) if override else 40 - application.months // 12


def by_name(application: Application) -> int:
    return id(application) % 2  # expect: DUR125


def by_number(application: Application) -> int:
    return sum(map(int, filter(str.isdigit, application.number))) % 7


class Scorecard:
    rules: tuple[Rule, ...] = (
        partial(by_amount, 500_000, 120),
        partial(by_amount, 2_000_000, 60),
        by_term,
        by_name,
        by_number,
    )

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self.base = 400

    def score(self, application: Application) -> int:
        return self.base + sum(rule(application) for rule in self.rules)

    @singledispatchmethod
    def explain(self, value: Any) -> str:
        return repr(value)

    @explain.register
    def _(self, value: int) -> str:
        return f"{value} of {self.minimum} points"


@dataclass
class Override:
    expression: str

    def hash(self) -> int:
        return len(self.expression)

    def fingerprint(self) -> int:
        return self.hash() ^ builtins.hash(self.expression)
