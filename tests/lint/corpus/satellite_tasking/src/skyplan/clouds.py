import random

import numpy as np
import torch
import xarray


class CloudModel:
    """A tiny stochastic model; reproducible only as far as `forecast` goes."""

    def __init__(self, seed):
        self._rng = random.Random(seed)
        self._field = np.random.default_rng(seed).normal(size=16)

    def forecast(self, latitude):
        base = float(self._field[int(latitude) % 16])
        return min(1.0, abs(base) * self._rng.random())

    def noise(self):
        gust = torch.rand(1).item()  # expect: DUR111
        drift = np.random.default_rng().normal()  # expect: DUR111
        return gust + drift + random.SystemRandom().gauss(0.0, 0.1)  # expect: DUR111

    def retrain(self, path):
        frame = xarray.open_dataset(path)
        self._field = frame["cover"].values + np.random.normal(size=16)
