"""How trials are drawn. Everything here runs inside the sweep itself."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from typing import TypeVar

import numpy as np
import torch

from .config import DEFAULT_SEED, HyperParams

T = TypeVar("T")


def chunked(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


@cache  # expect: DUR141
def grid(depths: tuple[int, ...], rates: tuple[float, ...]) -> tuple[HyperParams, ...]:
    return tuple(HyperParams(depth=d, learning_rate=r) for d, r in itertools.product(depths, rates))


def shuffled(items: Iterable[T], seed: int = DEFAULT_SEED) -> list[T]:
    result = list(items)
    random.Random(seed).shuffle(result)
    return result


def perturb(params: HyperParams) -> HyperParams:
    factor = float(np.exp(np.random.normal(0.0, 0.3)))  # expect: DUR111
    return params.model_copy(update={"learning_rate": params.learning_rate * factor})


def perturb_seeded(params: HyperParams, seed: int) -> HyperParams:
    generator = np.random.default_rng(seed)
    factor = float(np.exp(generator.normal(0.0, 0.3)))
    return params.model_copy(update={"learning_rate": params.learning_rate * factor})


class TrialSampler:
    """Latin hypercube over two dimensions."""

    def __init__(self, low: float, high: float, rng: random.Random | None = None) -> None:
        self._low = low
        self._high = high
        self._rng = rng or random.Random()  # expect: DUR111

    def __call__(self, count: int) -> list[float]:
        width = (self._high - self._low) / count
        picks = [self._low + (i + self._rng.random()) * width for i in range(count)]
        self._rng.shuffle(picks)
        return picks


def initial_noise(size: int) -> list[float]:
    return torch.randn(size).tolist()  # expect: DUR111


def geometric_mean(values: Sequence[float]) -> float:
    return reduce(lambda a, b: a * b, values, 1.0) ** (1 / len(values))


def legacy_draw(count: int) -> list[float]:
    """Used by notebooks only."""
    return [random.random() for _ in range(count)]
