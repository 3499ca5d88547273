"""A child that is tried again. Invariant: whether and when is decided from what history says, on
orchestration time; each attempt is a child of its own, named after the first."""

from __future__ import annotations

import asyncio
import random as _random
from collections.abc import Callable
from typing import Final, TypeVar

from durable_async.convert.failures import failure_of
from durable_async.dsl.context import seed_of
from durable_async.dsl.policy import RetryPolicy
from durable_async.dsl.retries import retry_delay
from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceCancelledError,
    InstanceTerminatedError,
    SerializationError,
)
from durable_async.ports import OrchestratorRuntime

__all__ = ["attempt_id", "run_attempts"]

T = TypeVar("T")

Start = Callable[[str | None], tuple[str, asyncio.Future[T]]]
"""Starts a child under this id (None: its default one); its id, and what it will bring."""

_NEVER_AGAIN: Final = (
    InstanceCancelledError,  # somebody did not want it
    InstanceTerminatedError,
    InstanceAlreadyExistsError,  # it would be taken again
    SerializationError,
)


def attempt_id(first: str, attempt: int) -> str:
    """attempt: from 1."""
    return first if attempt == 1 else f"{first}~{attempt}"


async def run_attempts(
    start: Start[T], policy: RetryPolicy, runtime: OrchestratorRuntime, id: str | None
) -> T:
    """The result of the first attempt that succeeds. Raises what the last one raised."""
    began = runtime.now()
    first, future = start(id)
    attempt = 1
    while True:
        try:
            return await future
        except Exception as error:
            delay = _delay_after(error, policy, attempt, first, runtime)
            if delay is None or _is_late(policy, (runtime.now() - began).total_seconds() + delay):
                raise
        await asyncio.sleep(delay)
        attempt += 1
        _, future = start(attempt_id(first, attempt))


def _delay_after(
    error: Exception, policy: RetryPolicy, attempt: int, first: str, runtime: OrchestratorRuntime
) -> float | None:
    """Seconds until the next attempt; None if there is to be none."""
    failure = failure_of(error)
    # What never crossed did not come from the child: its result could not be read, say.
    if failure is None or isinstance(error, _NEVER_AGAIN):
        return None
    seed = seed_of(runtime.info().execution_id, "retry", first, attempt)
    chance = _random.Random(seed)  # noqa: S311  # spreads load, keeps no secret
    return retry_delay(policy.rule(), failure, attempt, should_retry=None, random=chance.random)


def _is_late(policy: RetryPolicy, elapsed: float) -> bool:
    timeout = policy.rule().timeout
    return timeout is not None and elapsed > timeout
