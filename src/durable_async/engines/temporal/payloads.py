"""Our payloads and failures as Temporal's, and back. Invariant: the bytes of a payload are passed
as they are; what is JSON says so, so that Temporal's own tools can show it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import Any, Final, TypeVar

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.api.failure.v1 import Failure as WireFailure
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from durable_async.errors import StoreError
from durable_async.lines import is_users_file
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

__all__ = [
    "NONE",
    "ToldError",
    "application_error",
    "document",
    "failure_in",
    "failure_of_application_error",
    "from_wire",
    "raw",
    "read_document",
    "sparse_document",
    "to_wire",
]

T = TypeVar("T")

NONE: Final = Payload(b"null")

_ENCODING: Final = "encoding"
_OURS: Final = "durable-async-encoding"
_JSON: Final = b"json/plain"
_NULL: Final = b"binary/null"
_SEALED: Final = b"binary/plain"

_MESSAGE_LIMIT: Final = 2_000
"""Characters of a message that stand in Temporal's history beside the failure, which has it all."""


def to_wire(payload: Payload) -> WirePayload:
    if payload.encoding == "json":
        return WirePayload(metadata={_ENCODING: _JSON}, data=payload.data)
    metadata = {_ENCODING: _SEALED, _OURS: payload.encoding.encode()}
    return WirePayload(metadata=metadata, data=payload.data)


def from_wire(wire: WirePayload) -> Payload:
    """Raises: StoreError if it is neither JSON nor of ours."""
    ours = wire.metadata.get(_OURS)
    if ours is not None:
        return Payload(wire.data, ours.decode())
    match wire.metadata.get(_ENCODING):
        case b"json/plain":
            return Payload(wire.data)
        case b"binary/null":
            return NONE
        case encoding:
            raise StoreError(
                f"a payload has the encoding {encoding!r}, which is neither JSON nor one of "
                "durable_async. Whoever sends to its instances with other tools sends JSON"
            )


def raw(payload: Payload) -> RawValue:
    """What temporalio passes as it is."""
    return RawValue(to_wire(payload))


# ---- documents of our own --------------------------------------------------------------------


def document(value: object) -> RawValue:
    """A value of the model, as JSON that people can read."""
    return raw(Payload(msgspec.json.encode(value)))


def sparse_document(value: Any, *always: str) -> RawValue:
    """A value of an attrs class whose fields all have defaults, without those that are as they are
    by default: who looks at it sees what was said. always: fields that stand there even so."""
    return document(_said(value, always))


def _said(value: Any, always: Sequence[str] = ()) -> dict[str, Any]:
    said, plain = {}, type(value)()
    for field in attrs.fields(type(value)):
        given = getattr(value, field.name)
        if field.name in always or given != getattr(plain, field.name):
            said[field.name] = _said(given) if attrs.has(type(given)) else given
    return said


def read_document(values: Sequence[RawValue], place: int, type: type[T]) -> T | None:
    """The document at that place of some arguments; None if there is none."""
    if len(values) <= place:
        return None
    return msgspec.json.decode(from_wire(values[place].payload).data, type=type)


# ---- failures --------------------------------------------------------------------------------


class ToldError(ApplicationError):
    """It was told of where it happened: Temporal's library need not log it once more."""


def _message(failure: Failure) -> str:
    """For people, who see it beside a traceback that is not that of their code."""
    lines = [line for line in _FRAME.findall(failure.traceback) if is_users_file(line[0])]
    place = f" ({PurePath(lines[-1][0]).name}:{lines[-1][1]})" if lines else ""
    return failure.message[:_MESSAGE_LIMIT] + place


_FRAME: Final = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)


def application_error(
    failure: Failure, *, is_final: bool = True, after: float | None = None
) -> ApplicationError:
    """The failure as what a workflow or an activity raises. after: seconds until it is tried again,
    if it is not final."""
    return ToldError(
        _message(failure),
        document(failure),
        type=failure.type_name.rpartition(":")[2],
        non_retryable=is_final,
        next_retry_delay=None if after is None else timedelta(seconds=after),
    )


def failure_of_application_error(error: ApplicationError) -> Failure:
    """Where temporalio has read the failure: its details as plain JSON types."""
    failure = _failure_from(error.details[0]) if error.details else None
    return failure or _foreign(error.type or "ApplicationError", error.message)


def failure_in(wire: WireFailure) -> Failure:
    """Of an instance that has failed, as history has it."""
    info = wire.application_failure_info
    for detail in info.details.payloads:
        try:
            return msgspec.json.decode(detail.data, type=Failure)
        except (msgspec.DecodeError, msgspec.ValidationError):
            break
    return _foreign(info.type or "Failure", wire.message)


def _failure_from(detail: Any) -> Failure | None:
    try:
        return msgspec.convert(detail, Failure)
    except msgspec.ValidationError:
        return None


def _foreign(kind: str, message: str) -> Failure:
    """Something else than our code failed, or somebody else's worker."""
    return Failure(type_name=f"temporalio:{kind}", message=message)
