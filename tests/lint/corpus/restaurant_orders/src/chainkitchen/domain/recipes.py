"""What a dish is made of."""

from __future__ import annotations

import math
from collections import Counter
from itertools import chain

RECIPES: dict[str, dict[str, int]] = {
    "burger": {"bun": 1, "patty": 1, "salad": 2},
    "fries": {"potato": 4},
    "wrap": {"tortilla": 1, "salad": 3, "chicken": 2},
}
PACK = 12


def ingredients(dishes: list[str]) -> set[str]:
    return set(chain.from_iterable(RECIPES[dish] for dish in dishes))


def needed(dishes: list[str]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for dish in dishes:
        total.update(RECIPES[dish])
    return dict(total)


def missing(dishes: list[str], stock: dict[str, int]) -> dict[str, int]:
    short = {}
    for sku, count in needed(dishes).items():
        gap = count - stock.get(sku, 0)
        if gap > 0:
            short[sku] = PACK * math.ceil(gap / PACK)
    return short


def portions(short: dict[str, int]) -> int:
    return max(short.values(), default=0) // PACK


def vegetarian(dishes: list[str]) -> bool:
    return ingredients(dishes).isdisjoint({"patty", "chicken"})
