"""What `--json` prints. Invariant: keys are only ever added; a key that has nothing to say is
null, not missing; times are UTC.

Keys are the field names of `InstanceState`, `PendingCall`, `Failure` and the history events, so
that a document reads like the object in Python.
"""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

import attrs

from durable_async.cli.times import utc_text
from durable_async.convert.jsonform import from_json, to_json
from durable_async.model.failure import Failure
from durable_async.model.history import ExecutionStarted, HistoryEvent
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState

__all__ = [
    "error_document",
    "event_document",
    "failure_document",
    "fields_document",
    "instance_document",
    "json_text",
    "value_of",
]

# How a failure travels is no concern of its reader.
_OF_FAILURES: Final = (
    "type_name",
    "message",
    "notes",
    "activity",
    "attempt",
    "instance_id",
    "traceback",
    "cause",
    "members",
)


def instance_document(state: InstanceState) -> dict[str, Any]:
    """An instance, with every field of InstanceState."""
    return _fields(state)


def failure_document(failure: Failure) -> dict[str, Any]:
    return {name: _plain(getattr(failure, name)) for name in _OF_FAILURES}


def event_document(event: HistoryEvent) -> dict[str, Any]:
    """A history event: its kind as "event", then its fields."""
    document = {"event": type(event).__name__, **_fields(event)}
    if isinstance(event, ExecutionStarted):
        document["parent_id"] = event.parent_id  # which most readers want of its `parent`
    return document


def fields_document(value: Any) -> dict[str, Any]:
    """A value of an attrs class, with every field."""
    return _fields(value)


def error_document(kind: str, message: str, failure: Failure | None = None) -> dict[str, Any]:
    """What went wrong. failure: of the instance, if it is the instance that failed."""
    return {
        "error": {
            "type_name": kind,
            "message": message,
            "failure": None if failure is None else failure_document(failure),
        }
    }


def value_of(payload: Payload) -> Any:
    """The value in it; of one that a codec has written, the encoding and the bytes.

    Such a value shows as {"encoding": "...", "base64": "..."}.
    """
    if payload.encoding == "json":
        with contextlib.suppress(ValueError):  # a damaged one is shown as what it is: bytes
            return from_json(payload.data)
    data = base64.b64encode(payload.data).decode("ascii")
    return {"encoding": payload.encoding, "base64": data}


def json_text(document: Any, *, indent: int | None = None, ascii: bool = True) -> str:
    """JSON text. ascii: nothing but ASCII, so that it survives every terminal and pipe."""
    try:
        return json.dumps(document, indent=indent, ensure_ascii=ascii, default=str)
    except ValueError:  # an int of more digits than Python likes to write
        return to_json(document).decode()


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))}


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case datetime():
            return utc_text(value)
        case timedelta():
            return value.total_seconds()
        case Payload():
            return value_of(value)
        case Failure():
            return failure_document(value)
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _ if attrs.has(type(value)):
            return _fields(value)
        case _:
            return str(value)
