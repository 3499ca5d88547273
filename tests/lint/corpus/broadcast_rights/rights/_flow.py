"""Names of our own for the engine's decorators."""

import os

import durable_async as engine
from durable_async import activity as step

flow = engine.orchestrator
QUEUE = os.environ.get("RIGHTS_QUEUE", "default")

__all__ = ["flow", "step", "QUEUE"]
