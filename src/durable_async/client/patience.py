"""How long somebody waits. Invariant: whoever gives up is told what they have not waited for; what
they waited for goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from durable_async.convert.durations import Duration, seconds
from durable_async.errors import DurableError

__all__ = ["LAST_LOOK", "LOOK_AFTER", "Looking", "within"]

T = TypeVar("T")

_logger = logging.getLogger("durable_async.client")

LOOK_AFTER: Final = 5.0
"""Seconds after which a wait is worth a look at whether what is waited for can come."""

LAST_LOOK: Final = 2.0
"""Seconds that it may take to find out why a wait was in vain: whoever waited has waited enough."""


class Looking:
    """Look once, if the wait inside takes long. What the look comes to grief of is not raised."""

    __slots__ = ("_alarm", "_look", "_task")

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._alarm = asyncio.get_running_loop().call_later(LOOK_AFTER, self._begin)

    def __exit__(self, *error: object) -> None:
        self._alarm.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._look_quietly())

    async def _look_quietly(self) -> None:
        try:
            await self._look()
        except DurableError:  # whoever waits is told of it themselves, or nothing is wrong
            _logger.debug("cannot see what a wait is for", exc_info=True)


async def within(
    timeout: Duration | None,
    wait: Callable[[], Awaitable[T]],
    *,
    late: Callable[[], str],
    advice: Callable[[], Awaitable[str]],
) -> T:
    """What the wait brings, if it comes in time. timeout: None waits as long as it takes. late:
    what is the case when the time is over. advice: what to do then; it does not raise.

    Raises: TimeoutError, saying so, and what to do; ValueError for a timeout that cannot be.
    """
    if timeout is None:
        return await wait()
    limit = seconds(timeout, what="the timeout", negative=True)
    deadline = asyncio.timeout(limit)
    try:
        async with deadline:
            return await wait()
    except TimeoutError:
        if not deadline.expired():
            raise  # another one, from further in
        message = f"{late()} within {limit:g} seconds. {await advice()}"
        raise TimeoutError(message) from None
