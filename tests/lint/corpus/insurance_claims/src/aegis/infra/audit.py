"""Audit trail with a decorator, a context manager and a sink."""

from __future__ import annotations

import functools
import logging
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from types import TracebackType
from typing import Any

log = logging.getLogger("aegis.audit")
_LINES: list[str] = []


class Trail:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []

    def add(self, text: str) -> None:
        self.lines.append(text)
        log.info("%s: %s", self.name, text)

    def flush(self) -> int:
        sys.stdout.write("\n".join(self.lines))
        return len(self.lines)


class timed_section(ContextDecorator):
    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> "timed_section":
        self.begin = time.monotonic()  # expect: DUR101
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        log.info("%s took %s", self.name, time.monotonic() - self.begin)  # expect: DUR101


@contextmanager
def correlation(trail: Trail) -> Iterator[str]:
    key = uuid.uuid4().hex[:8]  # expect: DUR112
    trail.add(f"begin {key}")
    try:
        yield key
    finally:
        trail.add(f"end {key}")


def audited(kind: str) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]:
    log.debug("audit of %s since %s", kind, time.time())

    def decorate(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            _LINES.append(kind)  # expect: DUR141
            return await function(*args, **kwargs)

        return inner

    return decorate


def tail(count: int) -> list[str]:
    """The support desk's view, in its own process."""
    return _LINES[-count:]
