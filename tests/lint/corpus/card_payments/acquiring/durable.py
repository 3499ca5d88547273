"""The one place that names the engine; the rest of the package imports from here."""

from durable_async import RetryPolicy, activity as step
from durable_async import continue_as_new, get_logger, now, orchestrator as workflow, wait_for_event

__all__ = ["RetryPolicy", "continue_as_new", "get_logger", "now", "step", "wait_for_event", "workflow"]
