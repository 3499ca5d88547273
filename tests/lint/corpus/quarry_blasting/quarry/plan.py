from __future__ import annotations

import copy
import itertools as it
import random
import secrets
import string
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from typing import Any, Iterable, NewType, overload

from .clock import Clock, wall

HoleId = NewType("HoleId", str)
ALPHABET = string.ascii_uppercase
_TEMPLATE: dict[str, Any] = {"rows": 3, "delay_ms": 25, "tags": ["std"]}


@dataclass(frozen=True)
class Hole:
    id: HoleId
    depth: float
    _: KW_ONLY
    charge: float = 0.0
    tags: frozenset[str] = frozenset()

    def loaded(self, charge: float) -> Hole:
        return replace(self, charge=charge, tags=self.tags | {"loaded"})


@dataclass
class Plan:
    holes: list[Hole]
    clock: Clock = field(default=wall, repr=False)
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(_TEMPLATE))  # expect: DUR141

    def __post_init__(self) -> None:
        self.settings["drawn"] = self.clock()

    def delays(self) -> dict[HoleId, int]:
        step = self.settings["delay_ms"]
        return {hole.id: number * step for number, hole in enumerate(self.holes)}

    def tags(self) -> list[str]:
        every: set[str] = set()
        for hole in self.holes:
            every |= hole.tags
        return list(every)  # expect: DUR134

    def tag_count(self) -> int:
        return len(set(it.chain.from_iterable(hole.tags for hole in self.holes)))

    def shuffled(self, seed: int | None = None) -> list[Hole]:
        holes = self.holes[:]
        random.Random(seed if seed is not None else len(holes)).shuffle(holes)
        return holes

    def as_dict(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if k != "clock"}


def grid(rows: int, columns: int, depth: float = 12.0) -> Iterable[Hole]:
    for row, column in it.product(ALPHABET[:rows], range(columns)):
        yield Hole(HoleId(f"{row}{column}"), depth)


@overload
def code(length: int) -> str: ...
@overload
def code(length: int, *, words: bool) -> list[str]: ...
def code(length: int, *, words: bool = False) -> str | list[str]:
    letters = [secrets.choice(ALPHABET) for _ in range(length)]  # expect: DUR111
    return letters if words else "".join(letters)


def use_template(rows: int) -> dict[str, Any]:
    settings = _TEMPLATE  # expect: DUR141
    settings["rows"] = rows  # expect: DUR141
    return settings


def use_copy(rows: int) -> dict[str, Any]:
    settings = dict(_TEMPLATE)  # expect: DUR141
    settings["rows"] = rows
    return settings
