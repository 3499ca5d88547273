"""The only module that names the runtime, so that the rest reads like our own vocabulary."""

from durable_async import activity as step
from durable_async import get_logger, now, wait_for_event
from durable_async import orchestrator as workflow

__all__ = ["get_logger", "now", "step", "wait_for_event", "workflow"]
