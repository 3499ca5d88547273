"""One place that knows which engine we run on; the rest of the code imports from here."""
from durable_async import (
    RetryPolicy,
    activity as step,
    continue_as_new,
    entity as actor,
    entity_ref,
    events,
    now,
    orchestrator as flow,
    sleep_until,
    wait_for_event,
)

POLITE = RetryPolicy(max_attempts=8, initial_interval=2, max_interval=300, jitter=0.2)

__all__ = [
    "POLITE",
    "RetryPolicy",
    "actor",
    "continue_as_new",
    "entity_ref",
    "events",
    "flow",
    "now",
    "sleep_until",
    "step",
    "wait_for_event",
]
