"""Groups order lines into waves and orders the walk through the aisles."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from operator import attrgetter
from typing import NamedTuple

import numpy as np

__all__ = ["PickLine", "assign_pickers", "plan_waves", "walk_order"]

AISLE_CAPACITY = 12
PICKERS = ["ana", "bo", "chidi", "dara"]

_stats_lock = threading.Lock()
_rng = np.random.default_rng(7)


class PickLine(NamedTuple):
    sku: str
    aisle: int
    shelf: int
    quantity: int


def plan_waves(lines: list[PickLine]) -> list[list[PickLine]]:
    by_aisle: defaultdict[int, list[PickLine]] = defaultdict(list)
    for line in lines:
        by_aisle[line.aisle].append(line)
    waves: list[list[PickLine]] = []
    for aisle in sorted(by_aisle):
        group = by_aisle[aisle]
        for start in range(0, len(group), AISLE_CAPACITY):
            waves.append(group[start : start + AISLE_CAPACITY])
    return waves


def walk_order(lines: list[PickLine]) -> list[PickLine]:
    aisles = {line.aisle for line in lines}
    if len(aisles) == 1:
        return sorted(lines, key=attrgetter("shelf"))
    skus = {line.sku for line in lines}
    ranked = {sku: rank for rank, sku in enumerate(skus)}  # expect: DUR134
    return sorted(lines, key=lambda line: (line.aisle, ranked[line.sku]))


def assign_pickers(waves: list[list[PickLine]]) -> dict[str, list[int]]:
    """Spreads waves over pickers; heavy waves go to whoever had the lightest day."""
    pickers = list(PICKERS)
    random.shuffle(pickers)  # expect: DUR111
    fatigue = np.random.normal(1.0, 0.1, size=len(pickers))  # expect: DUR111
    plan: dict[str, list[int]] = {name: [] for name in pickers}
    order = sorted(range(len(waves)), key=lambda i: -sum(line.quantity for line in waves[i]))
    for position, wave in enumerate(order):
        name = pickers[int(position * fatigue[0]) % len(pickers)]
        plan[name].append(wave)
    return plan


def benchmark_planner(lines: list[PickLine], rounds: int = 50) -> float:
    started = time.perf_counter()
    with _stats_lock:
        for _ in range(rounds):
            plan_waves([lines[i] for i in _rng.permutation(len(lines))])
    return (time.perf_counter() - started) / rounds
