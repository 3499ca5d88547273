"""The catalogue: what asyncio and anyio offer, each thing as a small orchestrator.

Invariant: a construct returns a JSON value and raises nothing; what it expects to be raised it
catches, and puts into its result.
"""

import sys
from types import ModuleType

from tests.loop.constructs import (
    anyio_groups,
    anyio_scopes,
    async_generators,
    callbacks,
    cancellation,
    children,
    contexts,
    exceptions,
    exit_stacks,
    gathering,
    groups,
    locks,
    queues,
    sleeping,
    tasks,
    timeouts,
    waiting,
)
from tests.loop.steps import Construct

__all__ = ["CONSTRUCTS", "MODULES"]

MODULES: tuple[ModuleType, ...] = (
    sleeping,
    tasks,
    callbacks,
    timeouts,
    waiting,
    gathering,
    groups,
    queues,
    locks,
    cancellation,
    exceptions,
    contexts,
    async_generators,
    exit_stacks,
    anyio_groups,
    anyio_scopes,
    children,
)


def _of(module: ModuleType) -> list[Construct]:
    found = [value for value in vars(module).values() if hasattr(value, "construct")]
    family = module.__name__.rpartition(".")[2]
    return [
        Construct(f"{family}.{function.__name__}", function, function.construct)
        for function in found
    ]


CONSTRUCTS: tuple[Construct, ...] = tuple(
    construct
    for module in MODULES
    for construct in _of(module)
    if sys.version_info >= construct.mark.since
)
