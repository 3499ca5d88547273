"""How long somebody waits. Invariant: whoever gives up is told what they have not waited for; what
they waited for goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from durable_async.convert.durations import Duration, seconds
from durable_async.errors import DurableError

__all__ = ["LOOK_AFTER", "looking", "within"]

_logger = logging.getLogger("durable_async.client")

LOOK_AFTER: Final = 5.0
"""Seconds after which a wait is worth a look at whether what is waited for can come."""


@asynccontextmanager
async def looking(look: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Look once, if the wait inside takes long. What the look comes to grief of is not raised."""

    async def look_quietly() -> None:
        try:
            await look()
        except DurableError:  # whoever waits is told of it themselves, or nothing is wrong
            _logger.debug("cannot see what a wait is for", exc_info=True)

    loop = asyncio.get_running_loop()
    looks: list[asyncio.Task[None]] = []
    alarm = loop.call_later(LOOK_AFTER, lambda: looks.append(loop.create_task(look_quietly())))
    try:
        yield
    finally:
        alarm.cancel()
        for each in looks:
            each.cancel()


@asynccontextmanager
async def within(timeout: Duration | None, late: str, *, advice: str) -> AsyncIterator[None]:
    """Bound the wait inside. late: what is the case when the time is over; None never is.

    Raises: TimeoutError, saying so, and what to do; ValueError for a timeout that cannot be.
    """
    if timeout is None:
        yield
        return
    limit = seconds(timeout, what="the timeout", negative=True)
    deadline = asyncio.timeout(limit)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise  # another one, from further in
        raise TimeoutError(f"{late} within {limit:g} seconds. {advice}") from None
