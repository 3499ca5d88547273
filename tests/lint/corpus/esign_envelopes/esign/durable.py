"""The house's decorators: one place for retry policies and for what every flow does first."""

import functools
import inspect
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

import durable_async as da
from durable_async import orchestrator as workflow

P = ParamSpec("P")
R = TypeVar("R")

activity = functools.partial(da.activity, retry=da.RetryPolicy(max_attempts=5), timeout=timedelta(minutes=2))


def measured(fn: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Put the duration of a step in the custom status."""
    started = time.time()
    inspect.signature(fn)

    @functools.wraps(fn)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        before = time.monotonic()  # expect: DUR101
        try:
            return await fn(*args, **kwargs)
        finally:
            da.set_custom_status({"seconds": time.monotonic() - before})  # expect: DUR101

    wrapper.decorated_at = started  # type: ignore[attr-defined]
    return wrapper


def timed(fn: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    @functools.wraps(fn)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        before = da.now()
        result = await fn(*args, **kwargs)
        da.get_logger(__name__).info("%s took %s", fn.__name__, da.now() - before)
        return result

    return wrapper


class quietly:
    """Decorator: a step that must not fail its flow."""

    def __init__(self, fn):
        self.fn = fn
        functools.update_wrapper(self, fn)

    async def __call__(self, *args, **kwargs):
        try:
            return await self.fn(*args, **kwargs)
        except:  # noqa: E722  # expect: DUR135
            print(self.fn.__name__, "failed")  # expect: DUR143
            return None
