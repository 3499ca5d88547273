"""One place that knows which engine we use."""
from durable_async import (
    RetryPolicy,
    activity as step,
    now,
    orchestrator as workflow,
    wait_for_event as signal,
)
from durable_async import continue_as_new as again

__all__ = ["RetryPolicy", "again", "now", "signal", "step", "workflow"]
