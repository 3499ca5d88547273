"""A workflow's one alarm. Invariant: it rings at each moment that it was set to, or before that; so
whoever hears it looks at the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import workflow

__all__ = ["Alarm"]

_LONGEST: Final = timedelta(days=3650)


class Alarm:
    """ring: called on the workflow's loop."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._due: datetime | None = None
        self._timer: asyncio.Task[None] | None = None

    def set(self, due: datetime) -> None:
        # One that rings earlier stays: to set it anew would cost two events of history.
        if self._due is not None and self._due <= due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = asyncio.create_task(self._sleep(due))

    async def _sleep(self, due: datetime) -> None:
        left = max(due - workflow.now(), timedelta())
        await workflow.sleep(min(left, _LONGEST), summary=f"until {due:%Y-%m-%d %H:%M:%S}")
        self._due = self._timer = None
        self._ring()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
