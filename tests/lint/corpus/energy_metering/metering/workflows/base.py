"""What all our workflows share: options, a step counter, a note of who did what."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

T = TypeVar("T")
RELEASE = os.environ.get("RELEASE", "dev")


class Base:
    _steps_total = {"all": 0}

    def __init__(self) -> None:
        self.steps: list[str] = []

    @property
    def options(self) -> dict[str, Any]:
        return {
            "start_to_close_timeout": timedelta(minutes=5),
            "retry_policy": RetryPolicy(maximum_attempts=6),
        }

    async def step(self, fn: Callable[..., Any], *args: Any) -> Any:
        self.steps.append(fn.__name__)
        self._steps_total["all"] += 1  # expect: DUR141
        if workflow.unsafe.is_replaying():
            return await workflow.execute_activity(fn, args=list(args), **self.options)
        workflow.logger.debug("%s %s", RELEASE, fn.__name__)
        return await workflow.execute_activity(fn, args=list(args), **self.options)

    def describe(self) -> str:
        return f"{type(self).__name__} {'>'.join(self.steps)} on {sys.platform}"  # expect: DUR125
