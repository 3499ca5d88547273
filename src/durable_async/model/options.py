"""How an activity is to be run. Invariant: it is said without any class or function.

The public `RetryPolicy` may hold classes and a function; a `RetryRule` is the part of it that
travels: classes as "module:qualname", durations in seconds.
"""

from __future__ import annotations

from typing import Final, Literal

import attrs

__all__ = ["DEFAULT_QUEUE", "LOST_WORKER_LIMIT", "ActivityOptions", "OnLost", "RetryRule"]

DEFAULT_QUEUE: Final = "default"

LOST_WORKER_LIMIT: Final = 5
"""How many workers may die under one activity before it fails with WorkerLostError."""

OnLost = Literal["retry", "fail"]


@attrs.frozen(kw_only=True)
class RetryRule:
    """max_attempts counts the first. initial_interval, max_interval, timeout: seconds; timeout
    bounds the time from the first scheduling to the start of the last attempt. jitter: the
    share of a delay, 0 to 1, that is taken off at random. retry_on, non_retryable: class names,
    compared with `Failure.mro`."""

    max_attempts: int = 3
    initial_interval: float = 1.0
    backoff: float = 2.0
    max_interval: float = 60.0
    timeout: float | None = None
    jitter: float = 0.0
    retry_on: tuple[str, ...] = ("builtins:Exception",)
    non_retryable: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ActivityOptions:
    """timeout: seconds for one attempt. heartbeat_timeout: seconds between heartbeats."""

    queue: str = DEFAULT_QUEUE
    retry: RetryRule | None = None
    timeout: float | None = None
    heartbeat_timeout: float | None = None
    on_lost: OnLost = "retry"
    tags: dict[str, str] = attrs.field(factory=dict)
    summary: str = ""
