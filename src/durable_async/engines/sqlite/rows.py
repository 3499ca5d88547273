"""Values as rows, and rows as values.

Invariant: what is read is what was written for this very row, or a DamageError is raised. A
checksum covers the bytes together with what names them, so that a row that turns up elsewhere is
caught too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import attrs

from durable_async.convert.records import (
    checksum,
    decode_events,
    decode_record,
    encode_events,
    encode_record,
)
from durable_async.engines.clock import moment
from durable_async.errors import StoreError
from durable_async.model.commands import ScheduleActivity
from durable_async.model.failure import Failure
from durable_async.model.history import Delivered, ExecutionStarted, HistoryEvent
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.work import News

__all__ = [
    "NUMBERS",
    "DamageError",
    "StoredActivity",
    "activity_key",
    "activity_number",
    "activity_of",
    "activity_range",
    "activity_row",
    "chunk_row",
    "custom_status_of",
    "custom_status_row",
    "events_of",
    "failure_of",
    "failure_row",
    "heartbeat_of",
    "heartbeat_row",
    "history_of",
    "instance_of",
    "message_row",
    "news_of",
    "started_of",
]

NUMBERS: Final = 20
"""Bits for the number of an activity in its key: 20 times the limit of a history."""


@attrs.frozen(kw_only=True)
class StoredActivity:
    """What an attempt needs to run."""

    name: str
    input: Payload
    options: ActivityOptions


class DamageError(StoreError):
    """A row is not what was written. place: which one."""

    def __init__(self, why: str, place: str) -> None:
        super().__init__(why, place)
        self.why = why
        self.place = place


def _checked(data: Any, stored: Any, place: str, *identity: str | int) -> bytes:
    # A flipped bit may have changed the type of a value as well.
    if not isinstance(data, bytes) or stored != checksum(data, *identity):
        raise DamageError("a stored row does not match its checksum", place)
    return data


# ---- history -------------------------------------------------------------------------------


def chunk_row(
    instance: int, execution_id: str, position: int, events: Sequence[HistoryEvent]
) -> tuple[int, int, bytes, int]:
    data = encode_events(events)
    return instance, position, data, checksum(data, execution_id, position)


def events_of(execution_id: str, position: int, data: Any, stored: Any) -> tuple[HistoryEvent, ...]:
    """Raises: DamageError; UnknownEventError if a newer release wrote it."""
    place = f"table history, events from {position}"
    return decode_events(_checked(data, stored, place, execution_id, position))


def history_of(
    rows: Iterable[tuple[Any, Any, Any]], execution_id: str, length: int
) -> tuple[HistoryEvent, ...]:
    """rows: (position, data, checksum), in order. Raises: DamageError; UnknownEventError."""
    events: list[HistoryEvent] = []
    for position, data, stored in rows:
        if position != len(events):
            raise DamageError(
                f"events are missing between {len(events)} and {position}", "table history"
            )
        events += events_of(execution_id, position, data, stored)
    if len(events) != length:
        raise DamageError(
            f"history has {len(events)} events where {length} are due", "table history"
        )
    return tuple(events)


def started_of(events: Sequence[HistoryEvent], instance_id: str) -> ExecutionStarted:
    """The first event. Raises: DamageError if it is another instance's."""
    first = events[0] if events else None
    if not isinstance(first, ExecutionStarted) or first.instance_id != instance_id:
        raise DamageError("history begins with the start of another instance", "table history")
    return first


# ---- messages ------------------------------------------------------------------------------


def message_row(instance: int, at: int, event: HistoryEvent) -> tuple[int, int, bytes, int]:
    data = encode_events((event,))
    return instance, at, data, checksum(data, instance, at)


def news_of(row: tuple[Any, Any, Any, Any], instance: int) -> News:
    """row: (id, at, data, checksum). Raises: DamageError; UnknownEventError."""
    message, at, data, stored = row
    (event,) = decode_events(_checked(data, stored, "table inbox", instance, at))
    return News(event=cast(Delivered, event), at=moment(at), message=message)


# ---- activities ----------------------------------------------------------------------------


def activity_key(instance: int, number: int) -> int:
    return instance << NUMBERS | number


def activity_range(instance: int) -> tuple[int, int]:
    """The keys of all activities of an instance: from, to."""
    return instance << NUMBERS, (instance + 1 << NUMBERS) - 1


def instance_of(key: int) -> int:
    return key >> NUMBERS


def activity_number(key: int) -> int:
    return key & ((1 << NUMBERS) - 1)


def activity_row(
    key: int, command: ScheduleActivity, options: ActivityOptions
) -> tuple[bytes, int]:
    stored = StoredActivity(name=command.name, input=command.input, options=options)
    data = encode_record(stored)
    return data, checksum(data, key)


def activity_of(key: int, data: Any, stored: Any) -> StoredActivity:
    """Raises: DamageError."""
    place = f"table activities, activity {activity_number(key)}"
    return decode_record(_checked(data, stored, place, key), StoredActivity)


# ---- single values -------------------------------------------------------------------------
# Their checksum stands before them: they are written too seldom to deserve a column.


def _sealed(value: object, *identity: str | int) -> bytes:
    data = encode_record(value)
    return checksum(data, *identity).to_bytes(4, "big") + data


def _unsealed(data: Any, place: str, *identity: str | int) -> bytes:
    if not isinstance(data, bytes):
        raise DamageError("a stored value is of another type", place)
    return _checked(data[4:], int.from_bytes(data[:4], "big"), place, *identity)


def failure_row(key: int, failure: Failure) -> bytes:
    return _sealed(failure, key, "failure")


def failure_of(key: int, data: Any) -> Failure | None:
    if data is None:
        return None
    place = f"table activities, failure of {activity_number(key)}"
    return decode_record(_unsealed(data, place, key, "failure"), Failure)


def heartbeat_row(key: int, details: Payload) -> bytes:
    return _sealed(details, key, "heartbeat")


def heartbeat_of(key: int, data: Any) -> Payload | None:
    if data is None:
        return None
    place = f"table activities, heartbeat of {activity_number(key)}"
    return decode_record(_unsealed(data, place, key, "heartbeat"), Payload)


def custom_status_row(instance: int, status: Payload) -> bytes:
    return _sealed(status, instance)


def custom_status_of(instance: int, data: Any) -> Payload:
    return decode_record(_unsealed(data, "table custom_statuses", instance), Payload)
