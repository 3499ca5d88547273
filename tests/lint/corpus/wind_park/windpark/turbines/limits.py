"""Pure limits and curves. Nothing in here knows about the bus."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from random import Random

STEPS = (2.5, 5.0, 10.0)
time = 0.25


def derate_step(celsius: float) -> float:
    index = min(len(STEPS) - 1, int(max(0.0, celsius - 80.0) // 5))
    return STEPS[index]


def fan_curve(celsius: float) -> Iterator[float]:
    for level in itertools.takewhile(lambda item: item < celsius, range(60, 120, 20)):
        yield time * math.sqrt(level)


def jitter(turbine: str, attempt: int) -> float:
    return Random(f"{turbine}/{attempt}").uniform(0.0, 2.0)


def sectors(names: set[str]) -> dict[str, int]:
    lengths = {len(name) for name in names}
    widest = max(lengths, default=0)
    return {name: widest - len(name) for name in sorted(names)}


def balance(loads: frozenset[int]) -> list[int]:
    return [load * 2 for load in loads]
