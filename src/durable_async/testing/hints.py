"""What a test may have forgotten. Invariant: a hint is given once for each instance, only after
real time has passed in which nothing happened, and it changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from durable_async.errors import DurableError

__all__ = ["Hints"]

_logger = logging.getLogger("durable_async.testing")

QUIET_TIME: Final = 2.0
"""Seconds of real time: whoever is to raise an event in another task has done it by then."""


class Hints:
    """Used on the test's loop alone. stack_of: what an instance waits for, as text."""

    def __init__(self, stack_of: Callable[[str], Awaitable[str]]) -> None:
        self._stack_of = stack_of
        self._given: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._telling: asyncio.Task[None] | None = None

    def consider(self, instance_ids: Iterable[str]) -> None:
        """These are waited for, and nothing is due that could wake them."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(QUIET_TIME, self._tell, instance_ids)

    def forget(self) -> None:
        """Something has happened."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        self.forget()
        if self._telling is not None:
            self._telling.cancel()

    def _tell(self, instance_ids: Iterable[str]) -> None:
        self._timer = None
        new = [each for each in instance_ids if each not in self._given]
        self._given.update(new)
        if new:
            self._telling = asyncio.ensure_future(self._tell_of(new))

    async def _tell_of(self, instance_ids: Iterable[str]) -> None:
        for instance_id in instance_ids:
            try:
                stack = await self._stack_of(instance_id)
            except DurableError:  # it is gone
                continue
            _logger.warning(
                "a test waits for instance %r, and nothing that is due would wake it. Raise the "
                "event, answer, or resume it from another task; or give the wait a timeout. It "
                "stands here:\n%s",
                instance_id,
                stack,
            )
