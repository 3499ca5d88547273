"""Search over hyperparameters: grids, random points, halving."""

from __future__ import annotations

import importlib
import itertools
import marshal
import random
import typing as t
from dataclasses import dataclass, replace

import numpy.random as npr
import torch

Point = dict[str, float]


@dataclass(frozen=True)
class Space:
    axes: dict[str, tuple[float, float]]
    seed: int | None = None

    def grid(self, steps: int) -> list[Point]:
        names = sorted(self.axes)
        values = [
            [low + (high - low) * step / (steps - 1) for step in range(steps)]
            for low, high in (self.axes[name] for name in names)
        ]
        return [dict(zip(names, point)) for point in itertools.product(*values)]

    def seeded(self, count: int) -> list[Point]:
        generator = random.Random(self.seed or 17)
        return [
            {name: generator.uniform(low, high) for name, (low, high) in self.axes.items()}
            for _ in range(count)
        ]

    def sample(self, count: int) -> list[Point]:
        return [
            {name: npr.uniform(low, high) for name, (low, high) in self.axes.items()}  # expect: DUR111
            for _ in range(count)
        ]


def init_weights(size: int) -> list[float]:
    return torch.randn(size).tolist()  # expect: DUR111


def reseeded(space: Space, generator: random.Random | None = None) -> Space:
    generator = generator or random.Random()  # expect: DUR111
    return replace(space, seed=generator.randrange(1 << 30))


def objective(path: str) -> t.Callable[[Point], float]:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)  # expect: DUR142


def thaw(code: bytes) -> t.Any:
    return marshal.loads(code)  # expect: DUR142


def names(points: t.Iterable[Point]) -> set[str]:
    return set(itertools.chain.from_iterable(points))
