"""Protocols as generators of steps."""

from __future__ import annotations

import heapq
import itertools
import os
import random
import re
import secrets
import tempfile
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cmp_to_key, reduce, wraps
from typing import NamedTuple

__all__ = ["Step", "dilution", "merge_plans", "plan"]


class Step(NamedTuple):
    name: str
    minutes: int
    well: str = "A1"

    def jittered(self) -> Step:
        return self._replace(minutes=self.minutes + secrets.randbelow(3))  # expect: DUR111

    def describe(self, time: str) -> str:
        return f"{time} {self.name} in {self.well}"


def counted(fn: Callable[..., Iterator[Step]]) -> Callable[..., Iterator[Step]]:
    @wraps(fn)
    def inner(*args, **kwargs):
        begin = time.process_time()  # expect: DUR101
        yield from fn(*args, **kwargs)
        yield Step(f"log {begin:.0f}", 0)

    return inner


@counted
def plan(assay: str, wells: Iterable[str]) -> Iterator[Step]:
    for well in wells:
        yield Step(f"prepare {assay}", 2, well)
        yield from (step.jittered() for step in wash(well))


def wash(well: str, times: int = 3) -> Iterator[Step]:
    yield from itertools.starmap(_wash_step, ((well, n) for n in range(times)))


def _wash_step(well: str, n: int) -> Step:
    return Step(f"wash {n} by {os.getppid()}", 1, well)  # expect: DUR125


def dilution(start: float, factor: float, count: int) -> list[float]:
    return list(itertools.accumulate(range(count - 1), lambda value, _: value / factor, initial=start))


def _drift(total: float, value: float) -> float:
    return total + value + random.gauss(0, 0.01)  # expect: DUR111


def concentration(values: list[float]) -> float:
    return reduce(_drift, values, 0.0)


def _by_row(left: Step, right: Step) -> int:
    if left.well == right.well:
        return hash(left.name) - hash(right.name)  # expect: DUR125
    return -1 if left.well < right.well else 1


def merge_plans(*plans: Iterable[Step]) -> list[Step]:
    merged = heapq.merge(*plans, key=lambda step: step.minutes)
    return sorted(merged, key=cmp_to_key(_by_row))


def _expand(match: re.Match[str]) -> str:
    return os.environ.get(match[1], match[0])  # expect: DUR124


def instantiate(template: str) -> str:
    return re.sub(r"\$(\w+)", _expand, template)


def _scratch() -> str:
    return tempfile.mktemp(prefix="plate")  # expect: DUR122


def plates(wells: list[str]) -> dict[str, str]:
    files: defaultdict[str, str] = defaultdict(_scratch)
    return {well[0]: files[well[0]] for well in wells}


def position(ordered: list[Step], minutes: int) -> int:
    return bisect_left(ordered, minutes, key=lambda step: step.minutes)


def simulate(assay: str) -> float:
    """Monte Carlo of the scheduler, in the notebook."""
    return sum(step.minutes * random.lognormvariate(0, 0.2) for step in plan(assay, ["A1", "A2"]))
