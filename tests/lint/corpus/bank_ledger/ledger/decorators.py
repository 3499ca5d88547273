"""Cross-cutting concerns."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

CALLS: dict[str, int] = {}
REGISTERED: list[str] = []


def audited(topic: str, *, loud: bool = False):
    """Counts calls; the outer part runs when the module is imported."""
    REGISTERED.append(f"{topic}@{time.time()}")

    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        print("auditing", function.__name__)

        @functools.wraps(function)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            begin = time.monotonic()  # expect: DUR101
            try:
                return await function(*args, **kwargs)
            finally:
                CALLS[topic] = round(time.monotonic() - begin)  # expect: DUR101, DUR141

        return wrapper

    return decorate


def idempotent(function: Callable[P, R]) -> Callable[P, R]:
    seen: dict[str, R] = {}

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    return wrapper


def throttled(per_second: float):
    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            time.sleep(1 / per_second)
            return function(*args, **kwargs)

        return wrapper

    return decorate
