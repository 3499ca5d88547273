"""A worker of Temporal's that stands. Invariant: until it is shut down, what breaks it down is told
to the log, and another one is made in its place.

Temporal's library gives up a worker when the cluster refuses its polls: as when that has not heard
of the namespace for a moment, or takes its key no longer until there is a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from temporalio.worker import Worker

__all__ = ["StandingWorker"]

_logger: Final = logging.getLogger("durable_async.worker")

_AGAIN: Final = 5.0
"""Seconds after which what has broken down begins again."""


class StandingWorker:
    """make: gives a new one, each time. what: it is, for the log."""

    def __init__(self, make: Callable[[], Worker], what: str) -> None:
        self._make = make
        self._what = what
        self._worker = make()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until it is shut down. Raises: what breaks it down after that."""
        while True:
            try:
                await self._worker.run()
            except Exception:
                if self._stopping.is_set():
                    raise
                _logger.critical(
                    "%s has broken down, and begins again in %g s",
                    self._what,
                    _AGAIN,
                    exc_info=True,
                )
            else:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _AGAIN)
                return
            self._worker = self._make()

    async def shutdown(self) -> None:
        """Until what it works on has ended."""
        self._stopping.set()
        await self._worker.shutdown()
