from __future__ import annotations

import random
from dataclasses import dataclass

import durable_async as da

from .dates import Stay
from .flags import Flags

BASE = {"single": 7_900, "double": 11_900, "suite": 24_900}


@dataclass
class Quote:
    kind: str
    cents: int
    code: str = ""

    def discounted(self, percent: int) -> Quote:
        return Quote(self.kind, self.cents * (100 - percent) // 100, self.code)

    def __add__(self, other: Quote) -> Quote:
        return Quote(f"{self.kind}+{other.kind}", self.cents + other.cents, self.code or other.code)


def voucher_code(rng: random.Random, size: int = 8) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(size))


def experiment_bucket(guest: str, share: float = 0.1) -> bool:
    """Whether this guest sees the new prices."""
    return random.Random(guest).random() < share


def quote(kind: str, stay: Stay, guest: str) -> Quote:
    cents = BASE[kind] * len(stay) + 1_500 * stay.weekend_nights
    if Flags.on("new-pricing") and experiment_bucket(guest):
        cents = cents * 95 // 100
    return Quote(kind, cents, voucher_code(da.random("vouchers")))


def surprise(total: Quote) -> Quote:
    """Marketing wants every twentieth guest to get a present."""
    if random.random() < 0.05:  # expect: DUR111
        return total.discounted(10)
    return total


def bundle(kinds: set[str], stay: Stay, guest: str) -> Quote:
    first, *rest = sorted(kinds)
    total = quote(first, stay, guest)
    for kind in rest:
        total = total + quote(kind, stay, guest)
    return surprise(total)
