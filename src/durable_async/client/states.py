"""Records of the store as people see them. Invariant: nothing here asks the store; what a state
says was true at one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, assert_never

from durable_async.convert.values import Converter
from durable_async.core.pending import OpenWait, open_waits
from durable_async.errors import SerializationError
from durable_async.model.history import (
    ActivityScheduled,
    EventAwaited,
    HistoryEvent,
    TimerStarted,
)
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall
from durable_async.model.work import ActivityRecord, InstanceRecord

__all__ = ["pending_calls", "stack_text", "state_of"]


def state_of(
    record: InstanceRecord,
    converter: Converter,
    *,
    decode: Callable[[Payload], Any] | None = None,
    pending: tuple[PendingCall, ...] = (),
) -> InstanceState:
    """decode: for the result, if its type is known; raises SerializationError if it does not fit.

    What cannot be read without the codec of those who wrote it stands as a text that says so: an
    operator without keys must still see how instances stand.
    """

    def value(payload: Payload | None, what: str) -> Any:
        if payload is None:
            return None
        try:
            return converter.decode(payload, what=what)
        except SerializationError as error:
            return f"<unreadable: {error}>"

    output = record.output
    return InstanceState(
        id=record.instance_id,
        execution_id=record.execution_id,
        name=record.name,
        version=record.version,
        status=record.status,
        custom_status=value(record.custom_status, "the custom status"),
        input=value(record.input, "the input"),
        output=value(output, "the result") if output is None or decode is None else decode(output),
        failure=record.failure,
        created_at=record.created_at,
        updated_at=record.updated_at,
        completed_at=record.completed_at,
        parent_id=record.parent_id,
        tags=dict(record.tags),
        history_length=record.history_length,
        pending=pending,
        waiting_for="nothing" if record.idle and not record.status.has_ended else None,
        blocked=record.blocked,
    )


def pending_calls(
    record: InstanceRecord, history: tuple[HistoryEvent, ...]
) -> tuple[PendingCall, ...]:
    """What the code waits for, oldest first: history says what, the record how it goes."""
    activities = {activity.number: activity for activity in record.activities}
    return tuple(_pending(wait, activities.get(wait.number)) for wait in open_waits(history))


def _pending(wait: OpenWait, activity: ActivityRecord | None) -> PendingCall:
    match wait:
        case TimerStarted():
            return PendingCall(kind="timer", name="", due_at=wait.due, line=wait.line)
        case EventAwaited():
            return PendingCall(kind="event", name=wait.name, line=wait.line)
        case ActivityScheduled():
            if activity is None:  # it has ended, and the code is about to hear of it
                return PendingCall(kind="activity", name=wait.name, line=wait.line)
            return PendingCall(
                kind="activity",
                name=wait.name,
                attempt=activity.attempt,
                due_at=None if activity.running else activity.due_at,
                last_failure=activity.last_failure,
                line=wait.line,
            )
        case _:
            assert_never(wait)


def stack_text(state: InstanceState) -> str:
    """A headline, then one line for each wait."""
    return "\n".join([_headline(state), *(f"  {_wait_text(call)}" for call in state.pending)])


def _headline(state: InstanceState) -> str:
    version = "" if state.version is None else f" version {state.version}"
    parts = [f"{state.id}: {state.name}{version}, {state.status}"]
    if state.blocked is not None:
        parts.append(state.blocked)
    elif state.failure is not None:
        parts.append(f"{state.failure.type_name}: {state.failure.message}")
    elif state.waiting_for is not None:
        parts.append(f"waiting for {state.waiting_for}")
    return ", ".join(parts)


def _wait_text(call: PendingCall) -> str:
    return ", ".join(_wait_parts(call))


def _wait_parts(call: PendingCall) -> Iterator[str]:
    what = f"{call.kind} {call.name}".rstrip()
    yield f"{what} at {call.line}" if call.line else what
    if call.kind == "timer":
        if call.due_at is not None:
            yield f"due {_time_text(call.due_at)}"
        return
    if call.attempt is not None:
        due = "running" if call.due_at is None else f"due {_time_text(call.due_at)}"
        yield f"attempt {call.attempt} {due}"
    if call.last_failure is not None:
        yield f"last failure {call.last_failure.type_name}: {call.last_failure.message}"


def _time_text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
