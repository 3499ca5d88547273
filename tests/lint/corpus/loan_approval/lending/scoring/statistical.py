"""The statistical model; weights are files next to the worker."""

from __future__ import annotations

import functools
import pickle
from io import BytesIO
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.random import default_rng

from lending.models import Application

COLUMNS = ["cents", "months", "purposes"]
HISTORY = "/srv/models/history.csv"


class ModelScorer:
    _weights: dict[str, Any] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.noise = default_rng(11)

    def weights(self) -> Any:
        if self.name not in ModelScorer._weights:  # expect: DUR141
            blob = open(f"/srv/models/{self.name}.pkl", "rb").read()  # expect: DUR122
            ModelScorer._weights[self.name] = pickle.load(BytesIO(blob))  # expect: DUR141, DUR142
        return ModelScorer._weights[self.name]  # expect: DUR141

    def features(self, application: Application) -> np.ndarray:
        row = [application.cents, application.months, len(application.purposes)]
        return np.asarray(row, dtype=float) + self.noise.normal(0, 1e-9, size=3)

    def score(self, application: Application) -> int:
        value = float(self.features(application) @ self.weights())
        dropout = np.random.rand() < 0.001  # expect: DUR111
        return 0 if dropout else int(value)

    @functools.cached_property
    def columns(self) -> list[str]:
        return sorted(set(COLUMNS))


def portfolio_mean() -> float:
    history = pd.read_csv(HISTORY)  # expect: DUR122
    frame = pd.DataFrame({"cents": history["cents"]})
    return float(frame["cents"].mean())


def train(name: str, jobs: int) -> None:
    frame = pd.read_csv(HISTORY, usecols=COLUMNS).sample(frac=1)
    parts = joblib.Parallel(n_jobs=jobs)(joblib.delayed(np.mean)(chunk) for chunk in np.array_split(frame, jobs))
    with open(f"/srv/models/{name}.pkl", "wb") as out:
        pickle.dump(parts, out)
