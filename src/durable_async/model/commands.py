"""What the code asks for. Invariant: a command says what to do, never when or by whom.

Every command that becomes part of history has the number under which it is recorded; a cancel
names its target's number instead of having one of its own.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelRequested,
    ActivityScheduled,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EventAwaited,
    EventSent,
    EventWaitCancelled,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    PatchMarked,
    RequestAnswered,
    SideEffectRecorded,
    TimerCancelled,
    TimerStarted,
)
from durable_async.model.identity import EntityId
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload

__all__ = [
    "AnswerRequest",
    "AwaitEvent",
    "AwaitInstance",
    "CallEntity",
    "CancelActivity",
    "CancelChild",
    "CancelEntityCall",
    "CancelEventWait",
    "CancelInstanceWait",
    "CancelTimer",
    "Command",
    "MarkPatch",
    "RecordSideEffect",
    "ReleaseLock",
    "RequestLock",
    "ScheduleActivity",
    "SendCancel",
    "SendEvent",
    "SignalEntity",
    "StartChild",
    "StartInstance",
    "StartTimer",
]


@attrs.frozen(kw_only=True)
class StartTimer:
    number: int
    due: datetime
    line: str = ""

    def recorded(self) -> TimerStarted:
        return TimerStarted(number=self.number, due=self.due, line=self.line)


@attrs.frozen(kw_only=True)
class CancelTimer:
    number: int

    def recorded(self) -> TimerCancelled:
        return TimerCancelled(number=self.number)


@attrs.frozen(kw_only=True)
class ScheduleActivity:
    number: int
    name: str
    input: Payload
    fingerprint: int = 0
    line: str = ""
    options: ActivityOptions | None = None

    def recorded(self) -> ActivityScheduled:
        return ActivityScheduled(
            number=self.number,
            name=self.name,
            input=self.input,
            fingerprint=self.fingerprint,
            line=self.line,
            options=self.options,
        )


@attrs.frozen(kw_only=True)
class CancelActivity:
    """wait: the code goes on only when the activity has come to its end (`cancel="wait"`)."""

    number: int
    wait: bool = False

    def recorded(self) -> ActivityCancelRequested:
        return ActivityCancelRequested(number=self.number)


@attrs.frozen(kw_only=True)
class AwaitEvent:
    number: int
    name: str
    line: str = ""
    request: bool = False

    def recorded(self) -> EventAwaited:
        return EventAwaited(
            number=self.number, name=self.name, line=self.line, request=self.request
        )


@attrs.frozen(kw_only=True)
class CancelEventWait:
    number: int

    def recorded(self) -> EventWaitCancelled:
        return EventWaitCancelled(number=self.number)


@attrs.frozen(kw_only=True)
class RecordSideEffect:
    number: int
    name: str
    result: Payload | None = None
    failure: Failure | None = None
    line: str = ""

    def recorded(self) -> SideEffectRecorded:
        return SideEffectRecorded(
            number=self.number,
            name=self.name,
            result=self.result,
            failure=self.failure,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class StartChild:
    """A child whose end is answered with CallCompleted or CallFailed; an id that is taken is a
    CallFailed too."""

    number: int
    request: CreateInstance
    fingerprint: int = 0
    line: str = ""

    def recorded(self) -> ChildStarted:
        return ChildStarted(
            number=self.number,
            request=self.request,
            fingerprint=self.fingerprint,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class CancelChild:
    """The code goes on at once; whatever the child comes to is not for it."""

    number: int
    instance_id: str

    def recorded(self) -> ChildCancelRequested:
        return ChildCancelRequested(number=self.number)


@attrs.frozen(kw_only=True)
class StartInstance:
    """A detached instance: answered with CallCompleted when there is one, else with CallFailed."""

    number: int
    request: CreateInstance
    fingerprint: int = 0
    line: str = ""

    def recorded(self) -> InstanceStarted:
        return InstanceStarted(
            number=self.number,
            request=self.request,
            fingerprint=self.fingerprint,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class AwaitInstance:
    """Answered when the instance has ended, or at once if it has, or is unknown."""

    number: int
    instance_id: str
    line: str = ""

    def recorded(self) -> InstanceAwaited:
        return InstanceAwaited(number=self.number, instance_id=self.instance_id, line=self.line)


@attrs.frozen(kw_only=True)
class CancelInstanceWait:
    """The instance itself goes on."""

    number: int
    instance_id: str

    def recorded(self) -> InstanceWaitCancelled:
        return InstanceWaitCancelled(number=self.number)


@attrs.frozen(kw_only=True)
class SendEvent:
    number: int
    instance_id: str
    name: str
    data: Payload
    line: str = ""

    def recorded(self) -> EventSent:
        return EventSent(
            number=self.number,
            instance_id=self.instance_id,
            name=self.name,
            data=self.data,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class SendCancel:
    number: int
    instance_id: str
    reason: str = ""
    line: str = ""

    def recorded(self) -> CancelSent:
        return CancelSent(
            number=self.number, instance_id=self.instance_id, reason=self.reason, line=self.line
        )


@attrs.frozen(kw_only=True)
class AnswerRequest:
    """result: None to reject it, for this reason. The first answer to a request counts."""

    number: int
    request_id: str
    result: Payload | None = None
    reason: str = ""
    line: str = ""

    def recorded(self) -> RequestAnswered:
        return RequestAnswered(
            number=self.number,
            request_id=self.request_id,
            result=self.result,
            reason=self.reason,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class CallEntity:
    """lock: the number of the lock request, of this execution, that the call is a part of: it is
    not kept waiting by that lock."""

    number: int
    entity: EntityId
    operation: str
    input: Payload
    fingerprint: int = 0
    lock: int | None = None
    line: str = ""

    def recorded(self) -> EntityCalled:
        return EntityCalled(
            number=self.number,
            entity=self.entity,
            operation=self.operation,
            input=self.input,
            fingerprint=self.fingerprint,
            lock=self.lock,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class CancelEntityCall:
    """Taken back if it has not begun; its result is not for the code in any case."""

    number: int
    entity: EntityId

    def recorded(self) -> EntityCallCancelled:
        return EntityCallCancelled(number=self.number)


@attrs.frozen(kw_only=True)
class SignalEntity:
    number: int
    entity: EntityId
    operation: str
    input: Payload
    fingerprint: int = 0
    due: datetime | None = None
    line: str = ""

    def recorded(self) -> EntitySignalled:
        return EntitySignalled(
            number=self.number,
            entity=self.entity,
            operation=self.operation,
            input=self.input,
            fingerprint=self.fingerprint,
            due=self.due,
            line=self.line,
        )


@attrs.frozen(kw_only=True)
class RequestLock:
    """Answered with CallCompleted when all of them are locked, in this order."""

    number: int
    entities: tuple[EntityId, ...]
    line: str = ""

    def recorded(self) -> LockRequested:
        return LockRequested(number=self.number, entities=self.entities, line=self.line)


@attrs.frozen(kw_only=True)
class ReleaseLock:
    """Of the lock that was requested under this number, granted or not."""

    number: int

    def recorded(self) -> LockReleased:
        return LockReleased(number=self.number)


@attrs.frozen(kw_only=True)
class MarkPatch:
    id: str

    def recorded(self) -> PatchMarked:
        return PatchMarked(id=self.id)


Command = (
    StartTimer
    | CancelTimer
    | ScheduleActivity
    | CancelActivity
    | AwaitEvent
    | CancelEventWait
    | RecordSideEffect
    | StartChild
    | CancelChild
    | StartInstance
    | AwaitInstance
    | CancelInstanceWait
    | SendEvent
    | SendCancel
    | AnswerRequest
    | CallEntity
    | CancelEntityCall
    | SignalEntity
    | RequestLock
    | ReleaseLock
    | MarkPatch
)
