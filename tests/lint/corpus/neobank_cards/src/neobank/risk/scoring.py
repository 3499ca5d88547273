from __future__ import annotations

import functools
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Authorization

Signal = Callable[["Authorization", Sequence[str]], float]

_WEIGHTS = {"velocity": 0.4, "amount": 0.35, "novelty": 0.25}


def velocity(authorization: Authorization, recent: Sequence[str]) -> float:
    counts = Counter(recent)
    return min(counts[authorization.merchant] / 10, 1.0)


def amount(authorization: Authorization, recent: Sequence[str]) -> float:
    return 1 / (1 + math.exp(-float(authorization.amount - Decimal(500)) / 200))


def novelty(authorization: Authorization, recent: Sequence[str]) -> float:
    base = 0.0 if authorization.merchant in set(recent) else 0.8
    return base + random.uniform(0, 0.05)  # expect: DUR111


def canary(authorization: Authorization, recent: Sequence[str]) -> float:
    """Reproducible noise for the shadow model."""
    return random.Random(authorization.card_id).random()


@functools.lru_cache(maxsize=1024)
def merchant_prior(merchant: str) -> float:
    return (sum(merchant.encode()) % 97) / 97


def score(authorization: Authorization, recent: Sequence[str]) -> float:
    signals: dict[str, Signal] = {"velocity": velocity, "amount": amount, "novelty": novelty}
    total = sum(_WEIGHTS[name] * signal(authorization, recent) for name, signal in signals.items())
    return round(total + 0.01 * canary(authorization, recent), 4)


def backtest(rows: Sequence[tuple[Authorization, Sequence[str]]]) -> list[float]:
    random.seed(7)
    return [score(a, r) * merchant_prior(a.merchant) for a, r in rows]
