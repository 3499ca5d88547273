"""Grades of the world, on the scale from 1.0 (best) to 5.0."""
from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

SCALES = json.loads(os.environ.get("GRADE_SCALES", '{"DE": [5, 1], "US": [2, 4], "FR": [10, 20]}'))
BONUS: dict[str, Decimal] = {}


def register_bonus(subject: str, value: str) -> None:
    BONUS[subject] = Decimal(value)


register_bonus("maths", "0.3")
register_bonus("physics", "0.2")


def normalise(country: str, grade: str) -> Decimal:
    """The modified Bavarian formula."""
    worst, best = (Decimal(x) for x in SCALES[country])
    value = 1 + 3 * (best - Decimal(grade)) / (best - worst)
    return value.quantize(Decimal("0.1"), rounding=ROUND_DOWN)


@dataclass
class Transcript:
    country: str
    grades: dict[str, str] = field(default_factory=dict)

    def average(self) -> Decimal:
        values = [normalise(self.country, g) for g in self.grades.values()]
        return sum(values, Decimal(0)) / len(values) if values else Decimal(5)

    def with_bonus(self, subjects: set[str]) -> Decimal:
        result = self.average()
        for subject in sorted(subjects & BONUS.keys()):
            result -= BONUS[subject]
        return max(Decimal(1), result)

    def missing(self, required: set[str]) -> list[str]:
        return [s.title() for s in required.difference(self.grades)]  # expect: DUR134
