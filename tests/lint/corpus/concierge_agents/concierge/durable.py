"""One place that knows which engine we are on."""
from durable_async import activity as _activity
from durable_async import RetryPolicy, continue_as_new, orchestrator, wait_for_event

agent_run = orchestrator
LLM_RETRY = RetryPolicy(max_attempts=6, initial_interval=2.0)


def llm_step(fn):
    """An activity with the retries that model providers need."""
    return _activity(retry=LLM_RETRY, timeout=120)(fn)


__all__ = ["agent_run", "llm_step", "continue_as_new", "wait_for_event"]
