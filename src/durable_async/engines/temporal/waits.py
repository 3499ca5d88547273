"""How a workflow waits. Invariant: a cancel that Temporal tells of ends no wait; the workflow hears
of it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import workflow

__all__ = ["Waits"]


class Waits:
    """Of one workflow. cancelled: told of the cancel, with its reason."""

    def __init__(self, cancelled: Callable[[str], None]) -> None:
        self._cancelled = cancelled
        self._has_told = False

    async def until(self, condition: Callable[[], bool]) -> None:
        """Until the condition holds."""
        while not condition():
            try:
                await workflow.wait_condition(condition)
            except asyncio.CancelledError:
                if self._has_told or workflow.cancellation_reason() is None:
                    raise  # evicted: Temporal tells of a cancel once
                self.look_for_cancel()

    def look_for_cancel(self) -> None:
        """Tell of it if it has come: before its first wait, nothing else does."""
        reason = workflow.cancellation_reason()
        if reason is not None:
            self._has_told = True
            self._cancelled(reason)
