"""Bid strategies. A campaign names its strategy and its filters; both come from tables here."""

import math
import os
import platform
import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial, partialmethod
from itertools import groupby, takewhile

import httpx
import ulid


@dataclass(order=True)
class Bid:
    cents: int
    slot: str = field(compare=False)
    id: str = field(default_factory=lambda: str(ulid.ULID()), compare=False)  # expect: DUR112


def flat(slot: str, budget: int) -> Bid:
    return Bid(budget // 100, slot)


def greedy(slot: str, budget: int) -> Bid:
    return Bid(math.isqrt(budget), slot)


def epsilon(slot: str, budget: int, *, share: float = 0.1) -> Bid:
    if random.random() < share:  # expect: DUR111
        return flat(slot, budget)
    return greedy(slot, budget)


def market(slot: str, budget: int) -> Bid:
    floor = httpx.get(f"https://exchange.example/floor/{slot}").json()  # expect: DUR121
    return Bid(max(floor["cents"], budget // 200), slot)


def daypart(slot: str, budget: int) -> Bid:
    hour = time.localtime().tm_hour  # expect: DUR101
    return flat(slot, budget if 8 <= hour < 20 else budget // 2)


def lottery(slot: str, budget: int) -> Bid:
    # withdrawn from STRATEGIES in the spring
    return Bid(secrets.randbelow(budget), slot)


STRATEGIES: dict[str, Callable[[str, int], Bid]] = {
    "flat": flat,
    "epsilon": partial(epsilon, share=0.05),
    "market": market,
    "daypart": daypart,
}


class Ranking:
    def __init__(self, seed: int, penalty: Callable[[str], float] | None = None) -> None:
        self.random = random.Random(seed)
        self.penalty = penalty or self._no_penalty

    def _no_penalty(self, slot: str) -> float:
        return 0.0

    def score(self, bid: Bid, weight: float = 1.0) -> float:
        return bid.cents * weight - self.penalty(bid.slot) + self.random.random() / 1000

    double = partialmethod(score, weight=2.0)

    def best(self, bids: list[Bid], n: int = 3) -> list[Bid]:
        return sorted(bids, key=self.double, reverse=True)[:n]


def load_penalty(slot: str) -> float:
    return float(os.cpu_count() or 1) if slot.startswith("video") else 0.0  # expect: DUR125


def affordable(bids: list[Bid], budget: int) -> Iterator[Bid]:
    spent = 0

    def fits(bid: Bid) -> bool:
        nonlocal spent
        spent += bid.cents
        return spent <= budget and platform.machine() != "armv6l"  # expect: DUR125

    yield from takewhile(fits, bids)


def by_prefix(bids: list[Bid]) -> dict[str, int]:
    ordered = sorted(bids, key=lambda bid: bid.slot)
    return {key: len(list(group)) for key, group in groupby(ordered, lambda bid: bid.slot[:3])}
