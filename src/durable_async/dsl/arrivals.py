"""How what a command brings reaches the code. Invariant: a value is read by the type hint that
stands in the code that waits for it, and a failure is the exception that was raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from durable_async.convert.failures import exception_of
from durable_async.convert.values import Converter
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

__all__ = ["HintArrival", "hint_arrival"]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class HintArrival(Generic[T_co]):
    """value: a compiled decoder, called without a detour for every result."""

    value: Callable[[Payload], T_co]
    converter: Converter

    def error(self, failure: Failure, /, *, as_remote: bool = False) -> BaseException:
        return exception_of(failure, converter=self.converter, as_remote=as_remote)


def hint_arrival(converter: Converter, hint: Any, what: str) -> HintArrival[Any]:
    """what: names the value in errors.

    Raises: SerializationError if nothing that arrives could be read by this hint.
    """
    value = converter.value(hint, what=what)
    value.check_form()
    return HintArrival(value.decode, converter)
