"""House names for the durable decorators, so that apps do not import the library directly."""

from durable_async import RetryPolicy, continue_as_new, now, wait_for_event
from durable_async import activity as _activity
from durable_async import orchestrator as workflow

step = _activity
STANDARD_RETRY = RetryPolicy(max_attempts=3, initial_interval=2.0)

__all__ = ["STANDARD_RETRY", "continue_as_new", "now", "step", "wait_for_event", "workflow"]
