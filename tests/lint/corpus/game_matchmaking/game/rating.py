"""Ratings: arithmetic, no I/O."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SCALE = 400.0


@dataclass(frozen=True, order=True)
class Rating:
    value: float = 1500.0
    deviation: float = 350.0

    def expected(self, other: Rating) -> float:
        return 1 / (1 + 10 ** ((other.value - self.value) / SCALE))

    def after(self, other: Rating, won: bool, k: float = 32.0) -> Rating:
        change = k * (float(won) - self.expected(other))
        return Rating(self.value + change, max(30.0, self.deviation * 0.95))

    def decayed(self, idle: timedelta) -> Rating:
        return Rating(self.value, min(350.0, math.hypot(self.deviation, 2 * idle.days)))


def fair(teams: Sequence[Sequence[Rating]], tolerance: float = 75.0) -> bool:
    sums = [math.fsum(r.value for r in team) for team in teams]
    return max(sums) - min(sums) <= tolerance


def split(ratings: list[Rating], rng: random.Random) -> tuple[list[Rating], list[Rating]]:
    """The caller brings the randomness."""
    shuffled = sorted(ratings)
    rng.shuffle(shuffled)
    return shuffled[::2], shuffled[1::2]


def season(moment: datetime) -> str:
    return f"{moment.year}-S{(moment.month - 1) // 3 + 1}"
