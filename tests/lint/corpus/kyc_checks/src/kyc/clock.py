"""One place to ask what day it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta

import durable_async

_frozen: ContextVar[date | None] = ContextVar("frozen", default=None)


def today() -> date:
    return _frozen.get() or durable_async.now().date()


@contextmanager
def frozen(day: date) -> Iterator[None]:
    token = _frozen.set(day)
    try:
        yield
    finally:
        _frozen.reset(token)


def years(count: int) -> timedelta:
    return timedelta(days=365 * count + count // 4)
