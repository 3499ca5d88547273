"""Price rules: pure functions over money in cents."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from functools import cache

from ..ports import Loyalty, MenuSource
from .orders import Order

HAPPY_HOURS = {"mon": (15, 17), "tue": (15, 17), "fri": (22, 24)}
ROUNDING = 5


def is_happy_hour(at: datetime) -> bool:
    window = HAPPY_HOURS.get(at.strftime("%a").lower())
    return window is not None and window[0] <= at.hour < window[1]


@cache  # expect: DUR141
def rounded(cents: int) -> int:
    return ROUNDING * round(cents / ROUNDING)


def gift_for(order: Order) -> str:
    """The same order always gets the same gift."""
    generator = random.Random(order.checksum)
    return generator.choice(["fries", "cola", "nothing"])


def surprise_discount(order: Order) -> int:
    if len(order.lines) < 3:
        return 0
    return random.randint(1, 5) * 100  # expect: DUR111


def total(order: Order, menu: MenuSource, loyalty: Loyalty, at: datetime) -> int:
    cents = menu.price_all(order)
    if is_happy_hour(at):
        cents = cents * 80 // 100
    if order.member:
        cents -= min(loyalty.points(order.member), cents // 10)
    cents -= surprise_discount(order)
    return rounded(max(cents, 0))


def bundle_counts(order: Order) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for station in order.stations():
        counts[station] += 1
    return {name: counts[name] for name in sorted(counts)}
