"""Strategies of bidding. Subclasses say what an impression is worth."""

from __future__ import annotations

import abc
import threading
import time
from concurrent import futures
from statistics import fmean

import numpy as np

from rtb.settings import FLOOR_CENTS, SWITCHES


class Bidder(abc.ABC):
    name: str = "base"

    def __init__(self, history: list[float]) -> None:
        self.history = history

    @abc.abstractmethod
    def worth(self, impression: dict) -> float: ...

    def bid(self, impression: dict) -> float:
        return max(self.worth(impression), FLOOR_CENTS)


class MeanBidder(Bidder):
    name = "mean"

    def worth(self, impression: dict) -> float:
        return fmean(self.history) if self.history else 0.0


class ThompsonBidder(Bidder):
    name = "thompson"

    def worth(self, impression: dict) -> float:
        wins = sum(1 for cents in self.history if cents > FLOOR_CENTS)
        return float(np.random.beta(1 + wins, 1 + len(self.history) - wins))  # expect: DUR111


class SeededBidder(Bidder):
    name = "seeded"

    def worth(self, impression: dict) -> float:
        rng = np.random.default_rng(int(impression["id"], 16))
        return float(rng.normal(FLOOR_CENTS, 2.0))


class PacedBidder(MeanBidder):
    name = "paced"

    def __init__(self, history: list[float], budget: float) -> None:
        super().__init__(history)
        self.budget = budget
        self.began = time.monotonic()  # expect: DUR101

    def worth(self, impression: dict) -> float:
        value = super().worth(impression)
        return value if self.budget > value else 0.0


class ParallelBidder(Bidder):
    name = "parallel"

    def __init__(self, history: list[float], parts: list[Bidder]) -> None:
        super().__init__(history)
        self.parts = parts
        self.guard = threading.Lock()  # expect: DUR131

    def worth(self, impression: dict) -> float:
        with futures.ThreadPoolExecutor(len(self.parts)) as pool:  # expect: DUR131
            pending = [pool.submit(part.worth, impression) for part in self.parts]
        return max(future.result() for future in pending)  # expect: DUR102


class OfflineBidder(Bidder):
    """For the simulator alone; nothing makes one at run time."""

    name = "offline"

    def worth(self, impression: dict) -> float:
        time.sleep(0.01)
        return np.random.random()


def make(kind: str, history: list[float]) -> Bidder:
    SWITCHES.shadow = kind == "parallel"  # expect: DUR141
    if kind == "thompson":
        return ThompsonBidder(history)
    if kind == "paced":
        return PacedBidder(history, budget=500.0)
    if kind == "parallel":
        return ParallelBidder(history, [SeededBidder(history), MeanBidder(history)])
    return MeanBidder(history)
