"""Clocks, sagas and retries that the booking flows share."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Protocol, TypeVar

import durable_async as da

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def pause(self, seconds: float) -> None: ...


class WallClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class DurableClock:
    def now(self) -> datetime:
        return da.now()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def saga() -> AsyncIterator[contextlib.AsyncExitStack]:
    async with contextlib.AsyncExitStack() as undo:
        yield undo
        undo.pop_all()


async def persistent(attempt: Callable[[], Awaitable[T]], clock: DurableClock, tries: int = 4) -> T:
    delay = 1.0
    for left in reversed(range(tries)):
        try:
            return await attempt()
        except asyncio.CancelledError:
            raise
        except Exception:
            if not left:
                raise
            await clock.pause(delay)
            delay *= 2
    raise AssertionError("unreachable")


class Deadline:
    def __init__(self, clock: Clock, length: timedelta) -> None:
        self._clock = clock
        self.at = clock.now() + length

    def __bool__(self) -> bool:
        return self._clock.now() >= self.at

    def remaining(self) -> float:
        return max(0.0, (self.at - self._clock.now()).total_seconds())
