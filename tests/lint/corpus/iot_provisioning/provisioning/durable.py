"""The durable vocabulary of this code base: import from here, not from durable_async."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from durable_async import (
    RetryPolicy,
    activity,
    continue_as_new,
    get_logger,
    now,
    patched,
    set_custom_status,
    side_effect,
    wait_for_event,
)
from durable_async import orchestrator as workflow

DEVICE_RETRY = RetryPolicy(max_attempts=6, initial_interval=2, max_interval=120)
device_activity = partial(activity, retry=DEVICE_RETRY, timeout=timedelta(minutes=2))

__all__ = [
    "activity",
    "continue_as_new",
    "device_activity",
    "get_logger",
    "now",
    "patched",
    "set_custom_status",
    "side_effect",
    "wait_for_event",
    "workflow",
]
