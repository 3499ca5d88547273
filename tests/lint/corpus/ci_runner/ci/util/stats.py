from __future__ import annotations

import bisect
import statistics
import time
from collections.abc import Callable, Sequence


class Stopwatch:
    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.laps: list[float] = []
        self._begin: float | None = None

    def __enter__(self) -> Stopwatch:
        self._begin = self._clock()
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._begin is not None
        self.laps.append(self._clock() - self._begin)

    @property
    def median(self) -> float:
        return statistics.median(self.laps)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Histogram:
    def __init__(self, *bounds: float) -> None:
        self.bounds = sorted(bounds)
        self.counts = [0] * (len(bounds) + 1)

    def __lshift__(self, value: float) -> Histogram:
        self.counts[bisect.bisect(self.bounds, value)] += 1
        return self
