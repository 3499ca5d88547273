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
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.work import Answer, News

__all__ = [
    "NUMBERS",
    "DamageError",
    "StoredActivity",
    "StoredLock",
    "StoredOperation",
    "activity_key",
    "activity_number",
    "activity_of",
    "activity_range",
    "activity_row",
    "answer_of",
    "answer_row",
    "check_operation",
    "check_suspension",
    "check_timer",
    "check_waiter",
    "chunk_row",
    "custom_status_of",
    "custom_status_row",
    "events_of",
    "failure_of",
    "failure_row",
    "heartbeat_of",
    "heartbeat_row",
    "history_of",
    "lock_of",
    "lock_row",
    "message_row",
    "news_of",
    "operation_checksum",
    "operation_of",
    "operation_row",
    "serial_of",
    "started_of",
    "state_of",
    "state_row",
    "suspension_row",
    "timer_row",
    "waiter_row",
]

NUMBERS: Final = 20
"""Bits for the number of an activity in its key: 20 times the limit of a history."""


@attrs.frozen(kw_only=True)
class StoredActivity:
    """What an attempt needs to run."""

    name: str
    input: Payload
    options: ActivityOptions


@attrs.frozen(kw_only=True)
class StoredOperation:
    """What an operation of an entity needs to run. caller: who waits for it."""

    name: str
    input: Payload
    caller: Caller | None


@attrs.frozen(kw_only=True)
class StoredLock:
    """The entities of a critical section, in the order in which they are locked."""

    entities: tuple[EntityId, ...]


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


def activity_key(serial: int, number: int) -> int:
    """serial: see `schema`, table instances."""
    return serial << NUMBERS | number


def activity_range(serial: int) -> tuple[int, int]:
    """The keys of all activities of an execution: from, to."""
    return serial << NUMBERS, (serial + 1 << NUMBERS) - 1


def serial_of(key: int) -> int:
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


# ---- timers, and who waits ------------------------------------------------------------------


def timer_row(instance: int, number: int, due: int) -> tuple[int, int, int, int]:
    return instance, number, due, checksum(b"timer", instance, number, due)


def check_timer(instance: int, number: Any, due: Any, stored: Any) -> None:
    """Raises: DamageError."""
    if stored is not None:  # written by a release that had none
        _checked_numbers(b"timer", stored, "table timers", instance, number, due)


def waiter_row(
    target: int, instance: int, number: int, child: int
) -> tuple[int, int, int, int, int]:
    # `child` may change later on, and is not covered.
    return target, instance, number, child, checksum(b"waiter", target, instance, number)


def check_waiter(target: Any, instance: Any, number: Any, stored: Any) -> None:
    """Raises: DamageError."""
    _checked_numbers(b"waiter", stored, "table waiters", target, instance, number)


def suspension_row(
    instance: int, status: int, ready_at: int | None, blocked_under: str | None, reason: str
) -> tuple[Any, ...]:
    row = (instance, status, ready_at, blocked_under, reason)
    return *row, checksum(b"suspension", *_texts(row))


def check_suspension(instance: int, row: Sequence[Any]) -> None:
    """row: (status, ready_at, blocked_under, reason, checksum). Raises: DamageError."""
    *values, stored = row
    place = "table suspensions"
    _checked_numbers(b"suspension", stored, place, *_texts((instance, *values)))


def _texts(values: Sequence[Any]) -> list[str]:
    return [repr(value) for value in values]


def _checked_numbers(what: bytes, stored: Any, place: str, *identity: Any) -> None:
    _checked(what, stored, place, *identity)


# ---- entities ------------------------------------------------------------------------------


def operation_row(
    entity: int, at: int, operation: StoredOperation | None, lock: int | None
) -> tuple[bytes | None, int]:
    """operation: None for a request for the lock."""
    data = None if operation is None else encode_record(operation)
    return data, operation_checksum(entity, at, lock, data)


def operation_checksum(entity: int, at: int, lock: int | None, data: bytes | None) -> int:
    return checksum(data or b"", entity, at, lock or 0)


def check_operation(entity: int, at: Any, lock: Any, data: Any, stored: Any) -> bytes:
    """Raises: DamageError."""
    place = "table operations"
    return _checked(b"" if data is None else data, stored, place, entity, at, lock or 0)


def operation_of(entity: int, at: Any, lock: Any, data: Any, stored: Any) -> StoredOperation:
    """Raises: DamageError."""
    return decode_record(check_operation(entity, at, lock, data, stored), StoredOperation)


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


def state_row(entity: int, state: Payload) -> bytes:
    return _sealed(state, entity, "state")


def state_of(entity: int, data: Any) -> Payload | None:
    if data is None:
        return None
    return decode_record(_unsealed(data, "table entities", entity, "state"), Payload)


def lock_row(instance: int, number: int, entities: tuple[EntityId, ...]) -> bytes:
    return _sealed(StoredLock(entities=entities), instance, number, "lock")


def lock_of(instance: int, number: int, data: Any) -> tuple[EntityId, ...]:
    place = f"table locks, lock {number}"
    return decode_record(_unsealed(data, place, instance, number, "lock"), StoredLock).entities


def answer_row(request_id: str, answer: Answer) -> bytes:
    return _sealed(answer, request_id, "answer")


def answer_of(request_id: str, data: Any) -> Answer:
    return decode_record(_unsealed(data, "table answers", request_id, "answer"), Answer)
