"""Time, so that tests can turn it."""

import time
from typing import Callable

Clock = Callable[[], float]


class Stopwatch:
    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()  # expect: DUR101

    def lap(self) -> float:
        return self._clock() - self._started  # expect: DUR101


class Frozen:
    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def wall() -> float:
    return time.time()  # expect: DUR101


def monotonic_for_tests() -> float:
    return time.monotonic()
