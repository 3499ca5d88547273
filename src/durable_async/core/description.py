"""What a recorded event is, in words. Invariant: what the code asks for and what history says of it
are told in the same words, so that a reader of a mismatch can hold one against the other.
"""

from __future__ import annotations

from typing import assert_never

from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    Delivered,
    Ended,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventSent,
    EventWaitCancelled,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    PatchMarked,
    Recorded,
    RequestAnswered,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.identity import NAMED_LOCK, EntityId

__all__ = ["Asked", "describe", "subject"]

Asked = Recorded | ExecutionContinued
"""What the code can ask for, as it is recorded."""


def describe(event: HistoryEvent) -> str:
    """A recorded event as a reader of the error needs it: kind, name, line."""
    text = _told(event)
    line = getattr(event, "line", "")
    return f"{text} at {line}" if line else text


def subject(asked: Asked) -> str:
    """What the code asks for: "activity 'charge'", after "the code asks for"."""
    match asked:
        case ActivityScheduled(name=name):
            return f"activity {name!r}"
        case TimerStarted(due=due):
            return f"a timer until {due:%Y-%m-%d %H:%M:%S} UTC"
        case EventAwaited(name=name, request=False):
            return f"a wait for event {name!r}"
        case EventAwaited(name=name):
            return f"a wait for request {name!r}"
        case SideEffectRecorded(name=name):
            return f"side effect {name!r}"
        case PatchMarked(id=id):
            return f"patch {id!r}"
        case ExecutionContinued(request=request):
            return f"going on as new with {request.name!r}"
        case EntityCalled(entity=entity, operation=operation):
            return f"operation {operation!r} of {_entity(entity)}"
        case EntitySignalled(entity=entity, operation=operation):
            return f"signal {operation!r} to {_entity(entity)}"
        case LockRequested(entities=entities):
            return f"a lock of {', '.join(map(_entity, entities))}"
        case _:
            return _among_instances(asked)


def _among_instances(
    asked: ChildStarted
    | InstanceStarted
    | InstanceAwaited
    | EventSent
    | CancelSent
    | RequestAnswered
    | Cancel,
) -> str:
    match asked:
        case ChildStarted(request=request):
            return f"child {request.name!r} with id {request.instance_id!r}"
        case InstanceStarted(request=request):
            return f"a detached instance of {request.name!r} with id {request.instance_id!r}"
        case InstanceAwaited(instance_id=instance_id):
            return f"the result of instance {instance_id!r}"
        case EventSent(instance_id=instance_id, name=name):
            return f"event {name!r} sent to instance {instance_id!r}"
        case CancelSent(instance_id=instance_id):
            return f"a cancel of instance {instance_id!r}"
        case RequestAnswered(request_id=request_id):
            return f"an answer to request {request_id!r}"
        case _:
            return _cancelled(asked)


Cancel = (
    TimerCancelled
    | ActivityCancelRequested
    | EventWaitCancelled
    | ChildCancelRequested
    | InstanceWaitCancelled
    | EntityCallCancelled
    | LockReleased
)


def _cancelled(cancel: Cancel) -> str:
    match cancel:
        case TimerCancelled(number=number):
            return f"timer {number} cancelled"
        case ActivityCancelRequested(number=number):
            return f"activity {number} cancelled"
        case EventWaitCancelled(number=number):
            return f"the wait {number} for an event cancelled"
        case ChildCancelRequested(number=number):
            return f"child {number} cancelled"
        case InstanceWaitCancelled(number=number):
            return f"the wait {number} for an instance cancelled"
        case EntityCallCancelled(number=number):
            return f"the operation {number} of an entity cancelled"
        case LockReleased(number=number):
            return f"lock {number} released"
        case _:
            assert_never(cancel)


def _entity(entity: EntityId) -> str:
    if entity.type == NAMED_LOCK:
        return repr(entity.key)
    return f"entity {entity.type} {entity.key!r}"


_VERBS = {
    TimerStarted: "started",
    ActivityScheduled: "scheduled",
    SideEffectRecorded: "recorded",
    ChildStarted: "started",
    InstanceStarted: "started",
    InstanceAwaited: "awaited",
    EntityCalled: "called",
    LockRequested: "requested",
    PatchMarked: "marked",
}
"""What history says of a subject that does not say it itself."""


def _told(event: HistoryEvent) -> str:
    if isinstance(event, Delivered):
        return _delivered(event)
    if isinstance(event, Ended) and not isinstance(event, ExecutionContinued):
        return _ended(event)
    verb = _VERBS.get(type(event))
    return subject(event) if verb is None else f"{subject(event)} {verb}"


def _delivered(event: Delivered) -> str:
    match event:
        case ExecutionStarted(name=name):
            return f"an execution of {name!r} started"
        case EpisodeStarted():
            return "an episode started"
        case TimerFired(number=number):
            return f"timer {number} fired"
        case ActivityCompleted(number=number):
            return f"activity {number} completed"
        case ActivityFailed(number=number, failure=failure):
            return f"activity {number} failed ({failure.type_name})"
        case ActivityCancelled(number=number):
            return f"activity {number} came to its end after its cancel"
        case CallCompleted(number=number):
            return f"call {number} answered"
        case CallFailed(number=number, failure=failure):
            return f"call {number} failed ({failure.type_name})"
        case EventReceived(name=name, request_id=None):
            return f"event {name!r} received"
        case EventReceived(name=name):
            return f"request {name!r} received"
        case CancelRequested(reason=reason):
            return f"a cancel requested ({reason})" if reason else "a cancel requested"
        case _:
            assert_never(event)


def _ended(
    event: ExecutionCompleted | ExecutionFailed | ExecutionCancelled | ExecutionTerminated,
) -> str:
    match event:
        case ExecutionCompleted():
            return "the orchestrator completed"
        case ExecutionFailed(failure=failure):
            return f"the orchestrator failed ({failure.type_name})"
        case ExecutionCancelled():
            return "the orchestrator was cancelled"
        case ExecutionTerminated():
            return "the instance was terminated"
        case _:
            assert_never(event)
