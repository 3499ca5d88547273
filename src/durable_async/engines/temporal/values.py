"""What code came to, as it stands in Temporal's history. Invariant: a value that is JSON is there
as itself, so that people can read it; any other is given back as it was, too."""

from __future__ import annotations

from typing import Any, Final, assert_never

import msgspec

from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

__all__ = ["Shown", "Value", "shown", "value_in"]

Value = Payload | Failure
"""What it came to."""

Shown = dict[str, msgspec.Raw]
"""A value in a document that is read."""

_VALUE: Final = "value"
_SEALED: Final = "sealed"
_FAILURE: Final = "failure"


def shown(value: Value) -> dict[str, Any]:
    """For a document."""
    match value:
        case Payload(data=data, encoding="json"):
            return {_VALUE: msgspec.Raw(data)}
        case Payload():
            return {_SEALED: value}
        case Failure():
            return {_FAILURE: value}
        case _:
            assert_never(value)


def value_in(shown: Shown) -> Value:
    if _VALUE in shown:
        return Payload(bytes(shown[_VALUE]))
    if _SEALED in shown:
        return msgspec.json.decode(shown[_SEALED], type=Payload)
    return msgspec.json.decode(shown[_FAILURE], type=Failure)
