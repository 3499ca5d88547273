from __future__ import annotations

import functools
import inspect
import logging
import os
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

logger = logging.getLogger("ci")


def logged(level: int = logging.INFO) -> Callable[[F], F]:
    """Logs calls; works for functions and coroutine functions."""

    def decorate(function: F) -> F:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                logger.log(level, "-> %s", function.__qualname__)
                return await function(*args, **kwargs)

            return asynchronous  # type: ignore[return-value]

        @functools.wraps(function)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            logger.log(level, "-> %s", function.__qualname__)
            return function(*args, **kwargs)

        return synchronous  # type: ignore[return-value]

    return decorate


def traced(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    @functools.wraps(function)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        process = os.getpid()  # expect: DUR125
        started = time.monotonic_ns()  # expect: DUR101
        result = await function(*args, **kwargs)
        logger.debug("%s in %d since %d", function.__name__, process, started)
        return result

    return wrapper


class memoized:
    """Remembers results by arguments, for the life of the process."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._lock = threading.Lock()
        self._results: dict[tuple[Any, ...], Any] = {}

    def __call__(self, *args: Any) -> Any:
        with self._lock:
            if args not in self._results:
                self._results[args] = self._function(*args)
            return self._results[args]


def deprecated(instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            warnings.warn(f"use {instead}", DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return wrapper

    return decorate
