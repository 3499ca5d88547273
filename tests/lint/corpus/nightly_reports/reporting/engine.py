"""Thin wrapper round the durable engine, so that report authors see one vocabulary."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import durable_async

P = ParamSpec("P")
R = TypeVar("R")

report_flow = durable_async.orchestrator
report_step = durable_async.activity
business_time = durable_async.now


def timed(function: Callable[P, R]) -> Callable[P, R]:
    """Writes how long each call took to the report's trace."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.process_time()  # expect: DUR101
        try:
            return function(*args, **kwargs)
        finally:
            trace.append((function.__name__, time.process_time() - started))  # expect: DUR101, DUR141

    return wrapper


trace: list[tuple[str, float]] = []


def retrying(times: int) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(function)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in range(times - 1):
                try:
                    return await function(*args, **kwargs)
                except Exception:
                    await durable_async.sleep(2**attempt)
            return await function(*args, **kwargs)

        return wrapper

    return decorate


def dump_trace() -> str:
    lines = [f"{name:<30}{seconds:8.3f}" for name, seconds in trace]
    trace.clear()
    return f"{time.ctime()}\n" + "\n".join(lines)
