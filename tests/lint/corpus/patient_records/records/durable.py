"""One place where the team takes its decorators from."""

import functools
from typing import Any, Callable, TypeVar

from durable_async import RetryPolicy, activity as _activity, orchestrator as workflow

F = TypeVar("F", bound=Callable[..., Any])

task = functools.partial(_activity, retry=RetryPolicy(max_attempts=4, initial_interval=2.0))

__all__ = ["task", "workflow"]
