"""Whether a failed attempt is followed by another, and when. Invariant: decided once, from the
failure and the rule alone: an activity's where the attempt ran (the engine adds only the retry
timeout), a child's in the orchestrator that awaits it.

Classes are compared by name with the MRO of the failure: an exception may have come from code
that this process could not import.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import isfinite

from durable_async.model.failure import Failure
from durable_async.model.options import RetryRule

__all__ = ["Verdict", "delay_before", "retry_delay"]

Verdict = bool | timedelta | float
"""What `should_retry` answers: whether, or after how long (a timedelta, or seconds)."""


def delay_before(rule: RetryRule, attempt: int, random: Callable[[], float]) -> float:
    """Seconds between the failed `attempt` (from 1) and the next one.

    random: gives a number from 0 to 1; what jitter takes off is that share of it.
    """
    try:
        delay = rule.initial_interval * rule.backoff ** (attempt - 1)
    except OverflowError:  # a float has an end; the cap is long past
        delay = rule.max_interval
    delay = min(delay, rule.max_interval)
    return delay * (1 - rule.jitter * random()) if rule.jitter else delay


def retry_delay(
    rule: RetryRule | None,
    failure: Failure,
    attempt: int,
    *,
    should_retry: Callable[[Failure], Verdict] | None,
    random: Callable[[], float],
) -> float | None:
    """Seconds until the next attempt, or None if there is to be none.

    Raises whatever `should_retry` raises, and TypeError or ValueError if its answer is no
    bool, timedelta or finite number from zero up.
    """
    if rule is None or attempt >= rule.max_attempts:
        return None
    names = failure.mro or (failure.type_name,)
    if any(name in rule.non_retryable for name in names):
        return None
    if not any(name in rule.retry_on for name in names):
        return None
    delay = delay_before(rule, attempt, random)
    return delay if should_retry is None else _after(should_retry(failure), delay)


def _after(verdict: Verdict, delay: float) -> float | None:
    if verdict is True:
        return delay
    if verdict is False:
        return None
    seconds = verdict.total_seconds() if isinstance(verdict, timedelta) else verdict
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(
            f"should_retry returned {verdict!r}; return True or False, or how long to wait: "
            "a timedelta, or seconds"
        )
    if not isfinite(seconds) or seconds < 0:
        raise ValueError(
            f"should_retry returned {verdict!r}; a time to wait is finite and not negative"
        )
    return float(seconds)
