"""The names that this code base gives to the engine's decorators."""

import durable_async
from durable_async import *
from durable_async import activity as job
from durable_async import orchestrator as flow

voyage = durable_async.orchestrator
lib = durable_async

__all__ = ["flow", "job", "lib", "orchestrator", "voyage"]
