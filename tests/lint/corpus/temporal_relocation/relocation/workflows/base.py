"""What all our workflows have: notes, an approval and a way to undo."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

Undo = Callable[[], Awaitable[None]]


class BaseWorkflow:
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.approved: bool | None = None
        self._undo: list[Undo] = []

    def note(self, text: str) -> None:
        self.notes.append(f"{workflow.now():%H:%M} {text}")

    def note_fast(self, text: str) -> None:
        self.notes.append(f"{time.strftime('%H:%M')} {text}")  # expect: DUR101

    async def undo(self) -> None:
        for step in reversed(self._undo):
            try:
                await step()
            except Exception:
                workflow.logger.exception("undo failed")

    async def until_approved(self, limit: timedelta) -> bool:
        try:
            await workflow.wait_condition(lambda: self.approved is not None, timeout=limit)
        except asyncio.TimeoutError:
            return False
        return bool(self.approved)
