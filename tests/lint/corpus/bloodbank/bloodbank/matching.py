from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappush
from operator import attrgetter
from typing import TYPE_CHECKING

from temporalio import workflow

if TYPE_CHECKING:
    from .activities import Unit

COMPATIBLE: dict[str, frozenset[str]] = {
    "A": frozenset({"A", "O"}),
    "B": frozenset({"B", "O"}),
    "AB": frozenset({"A", "B", "AB", "O"}),
    "O": frozenset({"O"}),
}
_served: dict[str, int] = defaultdict(int)


@dataclass(order=True)
class Candidate:
    age: float
    unit: Unit = field(compare=False)


def donors_for(group: str) -> list[str]:
    return [donor for donor in COMPATIBLE[group]]  # expect: DUR134


def donors_sorted(group: str) -> list[str]:
    return sorted(donor for donor in COMPATIBLE[group])


def accepts(group: str, donor: str) -> bool:
    return donor in COMPATIBLE[group] and len(COMPATIBLE[group]) > 0


def pick(units: Sequence[Unit]) -> Unit:
    return random.choice(units)  # expect: DUR111


def pick_fair(units: Sequence[Unit]) -> Unit:
    return workflow.random().choice(units)


def oldest(units: Iterable[Unit], now: float) -> list[Candidate]:
    heap: list[Candidate] = []
    for unit in sorted(units, key=attrgetter("collected")):
        heappush(heap, Candidate(now - unit.collected, unit))
    return heap


def served(hospital: str) -> int:
    _served[hospital] += 1  # expect: DUR141
    return _served[hospital]  # expect: DUR141


def first_group(units: Iterable[Unit]) -> str:
    groups = {unit.group for unit in units}
    for group in groups:  # expect: DUR134
        return group
    return "O"


def rare(units: Iterable[Unit]) -> bool:
    groups = {unit.group for unit in units}
    return any(group == "AB" for group in groups)
