"""Scorecards. The card itself is data; the rules are here."""
from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ..common.timing import again

CARD_DIR = Path(__file__).parent / "cards"
DEFAULT_CARD = json.loads('{"income": 3, "tenure": 2, "defaults": -40, "base": 500}')


@dataclass
class Applicant:
    customer_no: str
    income_cents: int
    tenure_months: int
    defaults: int = 0
    flags: set[str] = field(default_factory=set)

    @property
    def monthly_income(self) -> Decimal:
        return Decimal(self.income_cents) / 1200


@functools.lru_cache(maxsize=8)  # expect: DUR141
def load_card(name: str) -> dict[str, int]:
    source = CARD_DIR.joinpath(name).with_suffix(".json")
    if not source.exists():  # expect: DUR122
        return DEFAULT_CARD
    return json.loads(source.read_text(encoding="utf-8"))  # expect: DUR122


@again(times=3)
def card_points(card: dict[str, int], who: Applicant) -> int:
    points = card["base"]
    points += card["income"] * int(who.monthly_income // 100)
    points += card["tenure"] * min(who.tenure_months, 120)
    points += card["defaults"] * who.defaults
    return points


def reasons(who: Applicant, points: int) -> list[str]:
    """Adverse-action reasons as they are printed in the letter."""
    found = []
    if points < 520:
        found.append("score below cut-off")
    for flag in who.flags:  # expect: DUR134
        found.append(f"flag: {flag}")
    return found


def worst_flag(who: Applicant) -> str | None:
    return min(who.flags, default=None)


def score(who: Applicant, card_name: str) -> tuple[int, list[str]]:
    points = card_points(load_card(card_name), who)
    return points, reasons(who, points)
