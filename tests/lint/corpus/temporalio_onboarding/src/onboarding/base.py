"""What our workflows share."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiolimiter import AsyncLimiter
from temporalio import workflow

log = logging.getLogger(__name__)
PER_SECOND = AsyncLimiter(5, 1)
TIMEOUT = timedelta(minutes=2)


class AuditedWorkflow:
    """Keeps a trail of what was done."""

    def __init__(self) -> None:
        self.trail: list[str] = []

    def record(self, what: str) -> None:
        host = os.uname().nodename  # expect: DUR125
        self.trail.append(f"{workflow.now().isoformat()} {host} {what}")

    async def step(self, name: str, *args: Any) -> Any:
        async with PER_SECOND:  # expect: DUR132
            self.record(name)
        return await workflow.execute_activity(name, args=list(args), start_to_close_timeout=TIMEOUT)

    async def attempt(self, action: Callable[[], Awaitable[Any]], times: int = 3) -> Any:
        for number in range(times):
            try:
                return await action()
            except Exception as error:
                log.warning("attempt %d: %s", number, error)
                await asyncio.sleep(random.expovariate(1.0))  # expect: DUR111
        return None

    @workflow.query
    def history(self) -> list[str]:
        return list(self.trail)
