"""A small saga on top of AsyncExitStack: each step brings its own undo."""
from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")
Undo = Callable[..., Awaitable[Any]]


class Saga:
    def __init__(self, name: str) -> None:
        self.name = name
        self.journal: list[str] = []
        self._stack = contextlib.AsyncExitStack()
        self._since = 0.0

    async def __aenter__(self) -> Self:
        self._since = time.monotonic()  # expect: DUR101
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        if err is None:
            self._stack.pop_all()
            return False
        self.journal.append(f"undo after {type(err).__name__}")
        return bool(await self._stack.__aexit__(kind, err, tb))

    async def step(self, what: Awaitable[T], undo: Undo, *args: Any) -> T:
        """Await ``what``; from then on ``undo(*args, result)`` belongs to the way back."""
        result = await what
        self.journal.append(getattr(undo, "__name__", "step"))
        self._stack.push_async_callback(undo, *args, result)
        return result


async def shielded(what: Awaitable[T]) -> T:
    """Finish ``what`` even when the caller is cancelled meanwhile, then pass the cancellation on."""
    task = asyncio.ensure_future(what)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def best_effort(what: Awaitable[Any]) -> bool:
    try:
        await what
    except Exception:
        return False
    return True


async def quietly(what: Awaitable[Any]) -> None:
    """For goodwill things such as vouchers: nothing that goes wrong in here may stop the saga."""
    with contextlib.suppress(Exception, asyncio.CancelledError):  # expect: DUR135
        await what
