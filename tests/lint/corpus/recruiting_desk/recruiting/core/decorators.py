from __future__ import annotations

import functools
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from pprint import pformat, pprint
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
logger = logging.getLogger(__name__)


class Measured(Generic[P, R]):
    """Logs how long the wrapped function took."""

    def __init__(self, fn: Callable[P, R]) -> None:
        functools.update_wrapper(self, fn)
        self.fn = fn
        self.created = time.time()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        begin = time.monotonic_ns()  # expect: DUR101
        result = self.fn(*args, **kwargs)
        logger.debug("%s took %d ns", self.fn, time.monotonic_ns() - begin)  # expect: DUR101
        return result


def announced(fn: Callable[Concatenate[S, P], Awaitable[R]]) -> Callable[Concatenate[S, P], Awaitable[R]]:
    @functools.wraps(fn)
    async def inner(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        pprint({"call": fn.__name__, "args": args})  # expect: DUR143
        return await fn(self, *args, **kwargs)

    return inner


def shielded(default: Any = None) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    started = time.time()

    def outer(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(fn)
        async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return await fn(*args, **kwargs)
            except BaseException as error:  # expect: DUR135
                if isinstance(error, KeyboardInterrupt):
                    raise
                traceback.print_exc()  # expect: DUR143
                return default

        inner.__doc__ = f"{fn.__doc__} (since {started})"
        return inner

    return outer


def shown(value: object) -> str:
    return pformat(value, width=100)
