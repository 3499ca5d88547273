from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import reduce
from pprint import pprint
from typing import Any, TypeVar

T = TypeVar("T")
Stage = Callable[[Any], Any]


def compose(*stages: Stage) -> Stage:
    return lambda value: reduce(lambda acc, stage: stage(acc), stages, value)


async def pipe(value: Any, *stages: Stage) -> Any:
    """Sync and async stages, one after the other."""
    for stage in stages:
        value = stage(value)
        if inspect.isawaitable(value):
            value = await value
    return value


def tap(label: str) -> Callable[[T], T]:
    def show(value: T) -> T:
        pprint({label: value})  # expect: DUR143
        return value

    return show


async def settle(awaitables: list[Awaitable[T]]) -> list[T]:
    """The results of those that succeeded, in the order of the input."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    return [r for r in results if not isinstance(r, BaseException)]


async def attempt(awaitable: Awaitable[T], fallback: T) -> T:
    try:
        return await awaitable
    except (asyncio.CancelledError, ValueError):  # expect: DUR135
        return fallback


async def guarded(awaitable: Awaitable[T], cleanup: Callable[[], Awaitable[None]]) -> T:
    try:
        return await awaitable
    except BaseException:
        await cleanup()
        raise


async def always(awaitable: Awaitable[T], fallback: T) -> T:
    result = fallback
    try:
        result = await awaitable
    finally:
        return result  # expect: DUR135
