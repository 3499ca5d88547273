"""Routes between hubs, and the docks and trucks that serve them."""

from __future__ import annotations

import gc
import heapq
import random
import time
from collections import deque
from functools import lru_cache, reduce

import numpy as np

Edge = tuple[str, str, int]

NETWORK: list[Edge] = [
    ("HAM", "BER", 290),
    ("BER", "MUC", 585),
    ("HAM", "CGN", 425),
    ("CGN", "MUC", 575),
]
closed_hubs: set[str] = set()


def neighbours(hub: str) -> dict[str, int]:
    found = {b: km for a, b, km in NETWORK if a == hub}
    found |= {a: km for a, b, km in NETWORK if b == hub}
    for closed in closed_hubs:  # expect: DUR141
        found.pop(closed, None)
    return found


@lru_cache(maxsize=None)  # expect: DUR141
def distance(start: str, end: str) -> int:
    queue = [(0, start)]
    best: dict[str, int] = {}
    while queue:
        km, hub = heapq.heappop(queue)
        if hub in best:
            continue
        best[hub] = km
        for following, step in neighbours(hub).items():
            heapq.heappush(queue, (km + step, following))
    return best[end]


def close_hub(hub: str) -> None:
    closed_hubs.add(hub)  # expect: DUR141
    distance.cache_clear()


def improve(stops: list[str], rounds: int) -> list[str]:
    """Two-opt with a generator that depends on the stops alone."""
    generator = np.random.default_rng(sum(map(ord, "".join(stops))))
    best = list(stops)
    for _ in range(rounds):
        i, j = sorted(generator.integers(0, len(best), size=2))
        candidate = best[:i] + best[i:j][::-1] + best[j:]
        if tour_length(candidate) < tour_length(best):
            best = candidate
    return best


def anneal(stops: list[str], rounds: int) -> list[str]:
    generator = np.random.default_rng()  # expect: DUR111
    temperature, best = 1.0, list(stops)
    while rounds and temperature > 0.01:
        swapped = deque(best)
        swapped.rotate(int(generator.integers(1, len(best) + 1)))
        if tour_length(list(swapped)) <= tour_length(best):
            best = list(swapped)
        temperature *= 0.97
        rounds -= 1
    return best


def tour_length(stops: list[str]) -> int:
    return reduce(lambda total, pair: total + distance(*pair), zip(stops, stops[1:]), 0)


def tour(stops: list[str], quality: str) -> list[str]:
    return anneal(stops, 500) if quality == "best" else improve(stops, 50)


def profile_tours(count: int) -> float:
    gc.disable()
    started = time.perf_counter()
    for _ in range(count):
        tour(random.sample(["HAM", "BER", "CGN", "MUC"], 3), "best")
    gc.enable()
    return time.perf_counter() - started
