"""House names for the durable primitives; the rest of the code imports from here."""

from durable_async import RetryPolicy, activity as step, orchestrator as workflow

DEFAULT_RETRY = RetryPolicy(max_attempts=4, initial_interval=0.5)

__all__ = ["DEFAULT_RETRY", "step", "workflow"]
