"""Namespace package: routes on the floor."""
from __future__ import annotations

import itertools
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

Cell: TypeAlias = tuple[int, int]


class Heading(IntEnum):
    NORTH = 0
    EAST = 1
    SOUTH = 2
    WEST = 3

    def left(self) -> Heading:
        return Heading((self - 1) % 4)

    @staticmethod
    def from_argv() -> Heading:
        return Heading(int(sys.argv[1]))  # expect: DUR125


@dataclass(frozen=True, slots=True)
class Path:
    cells: tuple[Cell, ...]

    def exists(self) -> bool:
        return bool(self.cells)

    def __or__(self, other: Path) -> Path:
        return Path((*self.cells, *other.cells))

    def unlink(self) -> Path:
        return Path(self.cells[:-1])

    def __getitem__(self, index: int) -> Cell:
        return self.cells[index]

    def unique(self) -> list[Cell]:
        return list(dict.fromkeys(self.cells))


def planned(start: Cell, goal: Cell) -> Path:
    raw = subprocess.check_output(["astar", json.dumps([start, goal])])  # expect: DUR123
    return Path(tuple(tuple(cell) for cell in json.loads(raw)))



def restored_old(blob: bytes) -> Path:
    return pickle.loads(blob)  # expect: DUR142


def spiral(around: Cell, size: int) -> Iterator[Cell]:
    for ring in itertools.count():
        if ring > size:
            return
        yield around[0] + ring, around[1] + ring


def blocked(cells: set[Cell], names: set[str]) -> str:
    total = sum(x + y for x, y in cells)
    return f"{total} blocked: {', '.join(names)}"  # expect: DUR134
