from __future__ import annotations

import asyncio
import logging
import operator
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial, wraps
from time import perf_counter
from typing import ParamSpec, TypeVar

import pandas as pd

from . import sampling
from .config import Trial

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger("trainer.evaluation")

_SEEN_SCORES: dict[str, float] = {}
BASELINES = {"bce": 0.71, "focal": 0.73}


def timed(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    @wraps(function)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        begin = perf_counter()  # expect: DUR101
        try:
            return await function(*args, **kwargs)
        finally:
            logger.info("%s took %.2f s", function.__name__, perf_counter() - begin)  # expect: DUR101

    return wrapper


@dataclass
class Leaderboard:
    size: int
    rows: list[Trial] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        self.rows.append(trial)
        self.rows.sort(key=operator.attrgetter("score"), reverse=True)
        del self.rows[self.size :]
        _SEEN_SCORES[trial.id] = trial.score or 0.0  # expect: DUR141

    @property
    def best(self) -> Trial:
        return self.rows[0]

    def __len__(self) -> int:
        return len(self.rows)


def baseline_lift(trial: Trial) -> float:
    return (trial.score or 0.0) - BASELINES[trial.params.loss]


def _holdout_weights(path: str) -> list[float]:
    frame = pd.read_csv(path)  # expect: DUR122
    return [float(x) for x in frame["weight"]]


async def weighted(path: str, scores: list[float]) -> float:
    loop = asyncio.get_running_loop()
    weights = await loop.run_in_executor(None, partial(_holdout_weights, path))  # expect: DUR131
    return sum(map(operator.mul, weights, scores)) / sum(weights)


def smooth(scores: list[float]) -> list[float]:
    with ThreadPoolExecutor(max_workers=2) as pool:  # expect: DUR131
        return list(pool.map(sampling.geometric_mean, sampling.chunked(scores, 3)))
