"""Ways to search hyper-parameters; a sweep is given one of them."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from .config import SEARCH_SPACE

Objective = Callable[[dict[str, float]], float]


class Strategy(ABC):
    history: list[dict[str, float]] = []

    @abstractmethod
    def propose(self, n: int) -> Iterator[dict[str, float]]: ...

    def remember(self, params: dict[str, float]) -> None:
        self.history.append(params)  # expect: DUR141

    def best(self, score: Objective) -> dict[str, float]:
        return max(self.history, key=score)  # expect: DUR141


class RandomSearch(Strategy):
    def propose(self, n: int) -> Iterator[dict[str, float]]:
        for _ in range(n):
            yield {name: random.uniform(*bounds) for name, bounds in SEARCH_SPACE.items()}  # expect: DUR111


class SeededSearch(Strategy):
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def propose(self, n: int) -> Iterator[dict[str, float]]:
        draw = partial(self.rng.uniform)
        for _ in range(n):
            yield {name: draw(*bounds) for name, bounds in SEARCH_SPACE.items()}


class GaussianSearch(Strategy):
    def __init__(self) -> None:
        self.rng = np.random.default_rng()  # expect: DUR111
        self.fallback = random.Random()  # expect: DUR111

    def propose(self, n: int) -> Iterator[dict[str, float]]:
        for _ in range(n):
            centre = self.fallback.random()
            yield {"lr": float(self.rng.normal(centre, 0.1)), "depth": 6.0}


STRATEGIES: dict[str, Callable[[], Strategy]] = {
    "random": RandomSearch,
    "gauss": GaussianSearch,
    "seeded": lambda: SeededSearch(1234),
}
