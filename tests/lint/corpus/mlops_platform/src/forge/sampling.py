"""Hyper-parameter sampling."""

from __future__ import annotations

import numpy as np
import torch
from numpy.random import default_rng

GRID = (1e-4, 3e-4, 1e-3)
_CALIBRATION = np.random.rand(4)


class Sampler:
    def __init__(self, seed: int | None = None) -> None:
        self.rng = np.random.default_rng(7)
        self.wild = default_rng()  # expect: DUR111

    def grid(self) -> list[float]:
        return [float(rate) for rate in self.rng.permutation(GRID)]

    def jitter(self, rate: float) -> float:
        return rate * float(np.random.uniform(0.9, 1.1))  # expect: DUR111

    def initial_weights(self, size: int) -> list[float]:
        return torch.randn(size).tolist()  # expect: DUR111


def order(size: int) -> list[int]:
    indices = np.arange(size)
    np.random.shuffle(indices)  # expect: DUR111
    return indices.tolist()


def seeded_order(size: int, seed: int) -> list[int]:
    return np.random.RandomState(seed).permutation(size).tolist()


def explore() -> float:
    """Only notebooks call this."""
    return float(np.random.rand())
