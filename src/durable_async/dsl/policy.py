"""How a failed activity is tried again, as users write it. Invariant: what is stored of a policy
names classes; the classes themselves, and `should_retry`, stay where they were written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Any

import attrs

from durable_async.convert.durations import Duration, optional_seconds, seconds
from durable_async.model.failure import Failure
from durable_async.model.options import RetryRule

__all__ = ["RetryPolicy"]


def _interval(value: Duration) -> float:
    return seconds(value, what="an interval of a RetryPolicy")


def _timeout(value: Duration | None) -> float | None:
    return optional_seconds(value, "the timeout of a RetryPolicy")


_Classes = tuple[type[BaseException], ...]


def _exception_classes(
    instance: RetryPolicy, attribute: attrs.Attribute[_Classes], value: Any
) -> None:
    if not isinstance(value, tuple) or not all(
        isinstance(each, type) and issubclass(each, BaseException) for each in value
    ):
        raise TypeError(
            f"RetryPolicy.{attribute.name} must be a tuple of exception classes, not {value!r}"
        )


def _whole(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int):
        raise TypeError(f"RetryPolicy.{attribute.name} is a whole number, not {value!r}")


def _number(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int | float):
        raise TypeError(f"RetryPolicy.{attribute.name} is a number, not {value!r}")


def _function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise TypeError(f"RetryPolicy.{attribute.name} is a function of the failure, not {value!r}")
    if iscoroutinefunction(value):
        raise TypeError(
            f"RetryPolicy.{attribute.name} is called between two attempts, and {value!r} would "
            "have to be awaited: write it as a plain `def`, and decide from the failure alone"
        )


@attrs.frozen
class RetryPolicy:
    """When a failed attempt is followed by another.

    max_attempts: counts the first; 1 means none is. initial_interval, max_interval: seconds or
    a timedelta; the wait after attempt n is `initial_interval * backoff ** (n - 1)`, at most
    max_interval. timeout: no attempt begins later than this after the first (None: no limit).
    jitter: the share of a wait, 0 to 1, that is taken off at random. retry_on, non_retryable:
    classes, subclasses included; the second wins. should_retry: asked last, where the attempt
    ran: False ends it, True keeps the wait, a number of seconds or a timedelta replaces it.
    Raises ValueError or TypeError for values that make no sense.
    Known elsewhere as: Temporal RetryPolicy, Azure RetryOptions.
    """

    max_attempts: int = attrs.field(default=3, validator=[_whole, attrs.validators.ge(1)])
    initial_interval: Duration = attrs.field(default=1.0, converter=_interval)
    backoff: float = attrs.field(default=2.0, validator=[_number, attrs.validators.ge(1)])
    max_interval: Duration = attrs.field(default=60.0, converter=_interval)
    timeout: Duration | None = attrs.field(default=None, converter=_timeout)
    jitter: float = attrs.field(
        default=0.0, validator=[_number, attrs.validators.ge(0), attrs.validators.le(1)]
    )
    retry_on: _Classes = attrs.field(default=(Exception,), validator=_exception_classes)
    non_retryable: _Classes = attrs.field(default=(), validator=_exception_classes)
    should_retry: Callable[[Failure], bool | timedelta | float] | None = attrs.field(
        default=None, validator=_function
    )

    def rule(self) -> RetryRule:
        """The part that travels with each activity."""
        return RetryRule(
            max_attempts=self.max_attempts,
            initial_interval=seconds(self.initial_interval, what="initial_interval"),
            backoff=self.backoff,
            max_interval=seconds(self.max_interval, what="max_interval"),
            timeout=None if self.timeout is None else seconds(self.timeout, what="timeout"),
            jitter=self.jitter,
            retry_on=tuple(_class_name(each) for each in self.retry_on),
            non_retryable=tuple(_class_name(each) for each in self.non_retryable),
        )


def _class_name(cls: type[BaseException]) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
