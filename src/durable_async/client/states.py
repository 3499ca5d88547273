"""Records of the store as people see them. Invariant: nothing here asks the store; what a state
says was true at one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, assert_never

import attrs

from durable_async.client.blockages import Blockage
from durable_async.convert.failures import opened
from durable_async.convert.values import Converter
from durable_async.core.pending import OpenWait, open_waits
from durable_async.errors import SerializationError
from durable_async.lines import from_here
from durable_async.model.history import (
    ActivityScheduled,
    ChildStarted,
    EntityCalled,
    EventAwaited,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
    TimerStarted,
)
from durable_async.model.identity import NAMED_LOCK, Caller, EntityId
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus
from durable_async.model.work import ActivityRecord, EntityRecord, InstanceRecord

__all__ = [
    "entity_text",
    "kind_text",
    "locks_awaited",
    "missing_code",
    "nobody_has",
    "pending_calls",
    "stack_text",
    "state_of",
    "why_held_up",
]

_NOBODY: Final[Mapping[EntityId, Caller]] = MappingProxyType({})


def state_of(
    record: InstanceRecord,
    converter: Converter,
    *,
    decode: Callable[[Payload], Any] | None = None,
    pending: tuple[PendingCall, ...] = (),
    missing: Sequence[str] = (),
) -> InstanceState:
    """decode: for the result, if its type is known; raises SerializationError if it does not fit.
    missing: types of entities that it waits for, and nobody has.

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
        failure=None if record.failure is None else opened(record.failure, converter),
        created_at=record.created_at,
        updated_at=record.updated_at,
        completed_at=record.completed_at,
        parent_id=record.parent_id,
        tags=dict(record.tags),
        history_length=record.history_length,
        pending=tuple(_readable(call, converter) for call in pending),
        waiting_for=_waiting_for(record, missing),
        blocked=record.blocked,
        suspended=record.suspended,
        reason=record.reason,
        start_at=record.start_at,
    )


def _readable(call: PendingCall, converter: Converter) -> PendingCall:
    failure = call.last_failure
    if failure is None or failure.sealed is None:
        return call
    return attrs.evolve(call, last_failure=opened(failure, converter))


def _waiting_for(record: InstanceRecord, missing: Sequence[str]) -> str | None:
    """What nobody who is alive has; "nothing" of code that waits for what cannot come."""
    if record.status.has_ended or record.status is RuntimeStatus.BLOCKED:
        return None
    if record.idle:
        return "nothing"
    if not record.offered:
        return missing_code(record)
    named = [f"activity {each.name!r}" for each in record.activities if not each.offered]
    named += [f"entity {each!r}" for each in missing]
    return ", ".join(dict.fromkeys(named)) or None


def missing_code(record: InstanceRecord) -> str:
    """What a worker needs to take it, for people."""
    version = "" if record.version is None else f" version {record.version!r}"
    queue = "" if record.queue == DEFAULT_QUEUE else f" on queue {record.queue!r}"
    return f"orchestrator {record.name!r}{version}{queue}"


def locks_awaited(history: Sequence[HistoryEvent]) -> tuple[EntityId, ...]:
    """Entities whose locks decide on when a wait of the code's is over."""
    found: dict[EntityId, None] = {}
    for wait in open_waits(history):
        if isinstance(wait, LockRequested):
            found |= dict.fromkeys(wait.entities)
        elif isinstance(wait, EntityCalled):
            found[wait.entity] = None
    return tuple(found)


def nobody_has(
    history: Sequence[HistoryEvent], entities: Mapping[EntityId, EntityRecord]
) -> tuple[str, ...]:
    """The types of entities that operations are awaited of, and that no worker has. entities: what
    is known of those of `locks_awaited`."""
    found: dict[str, None] = {}
    for wait in open_waits(history):
        if isinstance(wait, EntityCalled):
            record = entities.get(wait.entity)
            if record is not None and record.queued and not record.offered:
                found[wait.entity.type] = None
    return tuple(found)


def pending_calls(
    record: InstanceRecord,
    history: tuple[HistoryEvent, ...],
    locked_by: Mapping[EntityId, Caller] = _NOBODY,
) -> tuple[PendingCall, ...]:
    """What the code waits for, oldest first: history says what, the record how it goes.

    locked_by: who holds locks of `locks_awaited`.
    """
    activities = {activity.number: activity for activity in record.activities}

    def held_by(wait: LockRequested | EntityCalled) -> str | None:
        """Who is in its way. What it has locked itself is not."""
        own = wait.number if isinstance(wait, LockRequested) else wait.lock
        entities = wait.entities if isinstance(wait, LockRequested) else (wait.entity,)
        for holder in filter(None, map(locked_by.get, entities)):
            if (holder.execution_id, holder.number) != (record.execution_id, own):
                return holder.instance_id
        return None

    return tuple(
        _pending(wait, activities.get(wait.number), held_by) for wait in open_waits(history)
    )


def _pending(
    wait: OpenWait,
    activity: ActivityRecord | None,
    held_by: Callable[[LockRequested | EntityCalled], str | None],
) -> PendingCall:
    match wait:
        case TimerStarted():
            return PendingCall(kind="timer", name="", due_at=wait.due, line=wait.line)
        case EventAwaited(request=True):
            return PendingCall(kind="request", name=wait.name, line=wait.line)
        case EventAwaited():
            return PendingCall(kind="event", name=wait.name, line=wait.line)
        case ActivityScheduled():
            return _pending_activity(wait, activity)
        case ChildStarted(request=request) | InstanceStarted(request=request):
            return PendingCall(
                kind="child", name=request.name, line=wait.line, instance_id=request.instance_id
            )
        case InstanceAwaited():
            return PendingCall(kind="child", name="", line=wait.line, instance_id=wait.instance_id)
        case EntityCalled():
            name = f"{entity_text(wait.entity)} {wait.operation}"
            return PendingCall(kind="entity", name=name, line=wait.line, held_by=held_by(wait))
        case LockRequested():
            name = _locked_text(wait.entities)
            return PendingCall(kind="lock", name=name, line=wait.line, held_by=held_by(wait))
        case _:
            assert_never(wait)


def _pending_activity(wait: ActivityScheduled, activity: ActivityRecord | None) -> PendingCall:
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


def entity_text(entity: EntityId) -> str:
    """An entity as people read it; a bare lock is its name."""
    return repr(entity.key) if entity.type == NAMED_LOCK else f"{entity.type} {entity.key!r}"


def _locked_text(entities: Iterable[EntityId]) -> str:
    return ", ".join(entity_text(entity) for entity in entities)


# ---- the stack -------------------------------------------------------------------------------


def stack_text(state: InstanceState) -> str:
    """A headline that says how it stands and why, what there is to know of why it is BLOCKED, then
    one line for each wait. Times are UTC."""
    lines = [_headline(state)]
    if state.blocked is not None:
        lines += [f"  {line}" for line in Blockage.read(state.blocked).lines()]
    return "\n".join([*lines, *(f"  {_wait_text(call)}" for call in state.pending)])


def why_held_up(stands: InstanceRecord | InstanceState) -> str | None:
    """A sentence on why none of its code runs; None if nothing keeps it from running."""
    match stands.status:
        case RuntimeStatus.BLOCKED:
            title = Blockage.read(stands.blocked or "").title
            because = f": {title}" if title else ""
            return f"It is BLOCKED{because}. Its stack() says more, and what to do"
        case RuntimeStatus.SUSPENDED:
            because = f": {stands.suspended}" if stands.suspended else ""
            return f"It is SUSPENDED{because}. None of its code runs until it is resumed"
        case _:
            return None


def _headline(state: InstanceState) -> str:
    version = "" if state.version is None else f" version {state.version}"
    parts = [f"{state.id}: {state.name}{version}, {state.status}"]
    if state.start_at is not None:
        parts.append(f"not to begin before {_time_text(state.start_at)}")
    if state.suspended:
        parts.append(state.suspended)
    if state.reason:
        parts.append(state.reason)
    if state.blocked is not None:
        title = Blockage.read(state.blocked).title
        parts[-1] += f": {title}" if title else ""
    elif state.failure is not None:
        parts.append(f"{state.failure.type_name}: {state.failure.message}")
    elif state.waiting_for is not None:
        parts.append(f"waiting for {state.waiting_for}")
        if state.waiting_for != "nothing":
            parts.append("which no live worker has")
    return ", ".join(parts)


def _wait_text(call: PendingCall) -> str:
    return ", ".join(_wait_parts(call))


def _wait_parts(call: PendingCall) -> Iterator[str]:
    what = " ".join(filter(None, (kind_text(call), call.name, call.instance_id)))
    yield f"{what} at {from_here(call.line)}" if call.line else what
    if call.attempt is not None:
        due = "running" if call.due_at is None else f"due {_time_text(call.due_at)}"
        yield f"attempt {call.attempt} {due}"
    elif call.due_at is not None:
        yield f"due {_time_text(call.due_at)}"
    if call.held_by is not None:
        yield f"held by {call.held_by}"
    if call.last_failure is not None:
        yield f"last failure {call.last_failure.type_name}: {call.last_failure.message}"


def kind_text(call: PendingCall) -> str:
    """What is waited for, as people read it."""
    # Of an instance that is awaited and is nobody's child here only its id is known.
    return "instance" if call.kind == "child" and not call.name else call.kind


def _time_text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
