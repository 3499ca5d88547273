"""One place where this code base names its engine."""

from __future__ import annotations

from datetime import timedelta

from durable_async import RetryPolicy
from durable_async import activity as step
from durable_async import continue_as_new, events, get_logger, now, wait_for_event
from durable_async import orchestrator as workflow

MODEL_RETRY = RetryPolicy(max_attempts=5, initial_interval=2.0, jitter=0.2)
TOOL_RETRY = RetryPolicy(max_attempts=2, timeout=timedelta(seconds=90))

__all__ = [
    "MODEL_RETRY",
    "TOOL_RETRY",
    "continue_as_new",
    "events",
    "get_logger",
    "now",
    "step",
    "wait_for_event",
    "workflow",
]
