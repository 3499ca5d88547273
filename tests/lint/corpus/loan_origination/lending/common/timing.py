from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("lending.timing")


@contextmanager
def stopwatch(label: str) -> Iterator[None]:
    begin = time.perf_counter()  # expect: DUR101
    try:
        yield
    finally:
        spent = time.perf_counter() - begin  # expect: DUR101
        log.info("%s took %.3fs", label, spent)


class Budget:
    """How long a partner call may still take; used by the HTTP clients."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._until - time.monotonic())


def again(times: int, pause: float = 0.2) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Try a flaky function again. Pauses grow linearly."""

    def decorate(fn: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(fn)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in range(1, times + 1):
                try:
                    return fn(*args, **kwargs)
                except (OSError, ValueError):
                    if attempt == times:
                        raise
                    time.sleep(pause * attempt)  # expect: DUR102
            raise AssertionError("unreachable")

        return wrapper

    return decorate
