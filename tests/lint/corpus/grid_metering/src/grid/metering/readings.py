"""Plausibility of readings, and substitute values where they are missing."""

import platform
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import durable_async as da
import numpy as np

from ..common.units import Energy, Slot


@dataclass
class Reading:
    meter: str
    slot: Slot
    energy: Energy
    flags: list[str] = field(default_factory=list)


class Estimator:
    """Base of the substitute value procedures."""

    def __init__(self, history: list[int]) -> None:
        self.history = history

    def estimate(self) -> Energy:
        return Energy(self._value() + self._noise())

    def _value(self) -> int:
        raise NotImplementedError

    def _noise(self) -> int:
        return 0


class MeanEstimator(Estimator):
    def _value(self) -> int:
        return sum(self.history) // max(1, len(self.history))


class BootstrapEstimator(MeanEstimator):
    def _value(self) -> int:
        if not self.history:
            return super()._value()
        return int(np.random.choice(self.history))  # expect: DUR111

    def _noise(self) -> int:
        rng = random.Random()  # expect: DUR111
        return int(rng.gauss(0, 3))


class SeededEstimator(MeanEstimator):
    def __init__(self, history: list[int], rng: random.Random) -> None:
        super().__init__(history)
        self._rng = rng

    def _noise(self) -> int:
        return self._rng.randint(-2, 2)


def estimator(kind: str, history: list[int]) -> Estimator:
    match kind:
        case "mean":
            return MeanEstimator(history)
        case "bootstrap":
            return BootstrapEstimator(history)
        case "seeded":
            return SeededEstimator(history, random.Random(len(history)))
        case other:
            raise LookupError(other)


def suspicious(readings: Iterable[Reading]) -> Iterator[str]:
    seen: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        seen[reading.meter].update(reading.flags)
    for meter, flags in seen.items():
        for flag in flags:  # expect: DUR134
            yield f"{meter}:{flag}"


async def batches(readings: list[Reading], size: int) -> AsyncIterator[list[Reading]]:
    for start in range(0, len(readings), size):
        yield readings[start : start + size]
        if platform.system() == "Windows":  # expect: DUR125
            await da.sleep(1)


def report(readings: list[Reading]) -> dict[str, Any]:
    """For the notebook."""
    print(f"{len(readings)} readings on {platform.node()}")
    return {"mean": float(np.mean([reading.energy.watt_hours for reading in readings]))}
