"""What happened to an execution, in order. Invariant: events are only ever appended, never changed.

Two families. *Recorded* events stand for a command that the code issued (`TimerStarted`);
*delivered* events are news from outside that the code is woken with (`TimerFired`). Between
two delivered events stand exactly the commands that the first of them caused: that is what
replay compares. `number` is the number of the command within its execution, from 0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions
from durable_async.model.payload import Payload

__all__ = [
    "FORMAT",
    "ActivityCancelRequested",
    "ActivityCancelled",
    "ActivityCompleted",
    "ActivityFailed",
    "ActivityScheduled",
    "CallCompleted",
    "CallFailed",
    "CancelRequested",
    "CancelSent",
    "ChildCancelRequested",
    "ChildStarted",
    "Delivered",
    "Ended",
    "EntityCallCancelled",
    "EntityCalled",
    "EntitySignalled",
    "EpisodeStarted",
    "EventAwaited",
    "EventReceived",
    "EventSent",
    "EventWaitCancelled",
    "ExecutionCancelled",
    "ExecutionCompleted",
    "ExecutionContinued",
    "ExecutionFailed",
    "ExecutionStarted",
    "ExecutionTerminated",
    "HistoryEvent",
    "InstanceAwaited",
    "InstanceStarted",
    "InstanceWaitCancelled",
    "LockReleased",
    "LockRequested",
    "PatchMarked",
    "Recorded",
    "RequestAnswered",
    "SideEffectRecorded",
    "TimerCancelled",
    "TimerFired",
    "TimerStarted",
]

FORMAT: Final = 1
"""The order in which wake-ups are run, as stored. It changes only with a new number."""


@attrs.frozen(kw_only=True)
class ExecutionStarted:
    """The first event of an execution. at: when the engine accepted the start (UTC). parent: the
    command that waits for it as its child. queue: which workers take it."""

    format: int
    instance_id: str
    execution_id: str
    name: str
    version: str | None = None
    input: Payload
    parent: Caller | None = None
    queue: str = DEFAULT_QUEUE
    tags: dict[str, str] = attrs.field(factory=dict)
    at: datetime

    @property
    def parent_id(self) -> str | None:
        return None if self.parent is None else self.parent.instance_id


@attrs.frozen(kw_only=True)
class EpisodeStarted:
    """The clock moved: `now()` is `at` (UTC, by the engine's clock) until the next one."""

    at: datetime


@attrs.frozen(kw_only=True)
class TimerStarted:
    """due: UTC, by the engine's clock. line: "file:line" of the user's code."""

    number: int
    due: datetime
    line: str = ""


@attrs.frozen(kw_only=True)
class TimerFired:
    number: int


@attrs.frozen(kw_only=True)
class TimerCancelled:
    number: int


@attrs.frozen(kw_only=True)
class ActivityScheduled:
    """fingerprint: of the arguments before any codec, to tell changed arguments at replay."""

    number: int
    name: str
    input: Payload
    fingerprint: int = 0
    line: str = ""
    options: ActivityOptions | None = None


@attrs.frozen(kw_only=True)
class ActivityCompleted:
    number: int
    result: Payload


@attrs.frozen(kw_only=True)
class ActivityFailed:
    """as_remote: it was raised as a RemoteError, because its class could not be rebuilt; replay
    does the same, whatever it could rebuild."""

    number: int
    failure: Failure
    as_remote: bool = False


@attrs.frozen(kw_only=True)
class ActivityCancelRequested:
    number: int


@attrs.frozen(kw_only=True)
class ActivityCancelled:
    """The activity has come to its end after a cancel request (only with `cancel="wait"`)."""

    number: int


@attrs.frozen(kw_only=True)
class EventAwaited:
    """request: it is a request of this name that is waited for, and no event."""

    number: int
    name: str
    line: str = ""
    request: bool = False


@attrs.frozen(kw_only=True)
class EventWaitCancelled:
    number: int


@attrs.frozen(kw_only=True)
class EventReceived:
    """An external event came in, whether or not somebody waits for it. key: of `raise_event`.
    request_id: it is a request, whose answer is asked for under this id."""

    name: str
    data: Payload
    key: str | None = None
    request_id: str | None = None


@attrs.frozen(kw_only=True)
class SideEffectRecorded:
    """name: the function's. Exactly one of result and failure is set."""

    number: int
    name: str
    result: Payload | None = None
    failure: Failure | None = None
    line: str = ""


@attrs.frozen(kw_only=True)
class ChildStarted:
    """fingerprint: of the arguments before any codec."""

    number: int
    request: CreateInstance
    fingerprint: int = 0
    line: str = ""


@attrs.frozen(kw_only=True)
class ChildCancelRequested:
    number: int


@attrs.frozen(kw_only=True)
class InstanceStarted:
    """A detached instance, which lives on when this one has ended. CallCompleted or CallFailed says
    whether there is one."""

    number: int
    request: CreateInstance
    fingerprint: int = 0
    line: str = ""


@attrs.frozen(kw_only=True)
class InstanceAwaited:
    """The result of another instance, which is no child, is waited for."""

    number: int
    instance_id: str
    line: str = ""


@attrs.frozen(kw_only=True)
class InstanceWaitCancelled:
    number: int


@attrs.frozen(kw_only=True)
class CallCompleted:
    """What was called has answered: a child, another instance that is awaited or was started, an
    entity, or whoever held a lock. result: None where there is none to give."""

    number: int
    result: Payload | None = None


@attrs.frozen(kw_only=True)
class CallFailed:
    """as_remote: as of ActivityFailed."""

    number: int
    failure: Failure
    as_remote: bool = False


@attrs.frozen(kw_only=True)
class EventSent:
    """An event for another instance. One that is unknown, or has ended, does not get it."""

    number: int
    instance_id: str
    name: str
    data: Payload
    line: str = ""


@attrs.frozen(kw_only=True)
class CancelSent:
    """A request to another instance to cancel itself."""

    number: int
    instance_id: str
    reason: str = ""
    line: str = ""


@attrs.frozen(kw_only=True)
class RequestAnswered:
    """result: the answer; None if it was rejected, for this reason."""

    number: int
    request_id: str
    result: Payload | None = None
    reason: str = ""
    line: str = ""


@attrs.frozen(kw_only=True)
class EntityCalled:
    """lock: the number of the LockRequested that it is a part of; None outside of one."""

    number: int
    entity: EntityId
    operation: str
    input: Payload
    fingerprint: int = 0
    lock: int | None = None
    line: str = ""


@attrs.frozen(kw_only=True)
class EntityCallCancelled:
    """Nobody waits for the operation's result any more; it runs all the same, if it has begun."""

    number: int


@attrs.frozen(kw_only=True)
class EntitySignalled:
    """due: not before (UTC); None for now."""

    number: int
    entity: EntityId
    operation: str
    input: Payload
    fingerprint: int = 0
    due: datetime | None = None
    line: str = ""


@attrs.frozen(kw_only=True)
class LockRequested:
    """entities: sorted, each once. CallCompleted says that all of them are locked."""

    number: int
    entities: tuple[EntityId, ...]
    line: str = ""


@attrs.frozen(kw_only=True)
class LockReleased:
    """Given back, or not wanted any more before it was granted."""

    number: int


@attrs.frozen(kw_only=True)
class PatchMarked:
    """`patched(id)` was True when the code first came by. It is looked up by its id, wherever it
    stands, and is no command: code that does not ask for it any more still fits."""

    id: str


@attrs.frozen(kw_only=True)
class CancelRequested:
    """Somebody wants the instance to cancel itself; its main task is cancelled with `reason`."""

    reason: str = ""


@attrs.frozen(kw_only=True)
class ExecutionCompleted:
    result: Payload


@attrs.frozen(kw_only=True)
class ExecutionFailed:
    """cut: how many events stand before the one that brought the failure about, for whoever wants
    to try again from there; None if it did not come of an episode. own: that event had reached
    the code, which then failed by itself; otherwise the failure is what the event brought."""

    failure: Failure
    cut: int | None = None
    own: bool = False


@attrs.frozen(kw_only=True)
class ExecutionCancelled:
    """A cancel was requested, and CancelledError left the code; or it had not begun to run, or was
    blocked, and none of it ran."""

    reason: str = ""


@attrs.frozen(kw_only=True)
class ExecutionContinued:
    """The instance goes on with a new execution, and a fresh history."""

    request: CreateInstance
    fingerprint: int = 0
    line: str = ""


@attrs.frozen(kw_only=True)
class ExecutionTerminated:
    """Written by the engine, never by an episode: terminating runs no code."""

    reason: str
    at: datetime


Recorded = (
    TimerStarted
    | TimerCancelled
    | ActivityScheduled
    | ActivityCancelRequested
    | EventAwaited
    | EventWaitCancelled
    | SideEffectRecorded
    | ChildStarted
    | ChildCancelRequested
    | InstanceStarted
    | InstanceAwaited
    | InstanceWaitCancelled
    | EventSent
    | CancelSent
    | RequestAnswered
    | EntityCalled
    | EntityCallCancelled
    | EntitySignalled
    | LockRequested
    | LockReleased
    | PatchMarked
)
"""Events that stand for a command of the code."""

Delivered = (
    ExecutionStarted
    | EpisodeStarted
    | TimerFired
    | ActivityCompleted
    | ActivityFailed
    | ActivityCancelled
    | EventReceived
    | CallCompleted
    | CallFailed
    | CancelRequested
)
"""Events that the code is woken with."""

Ended = (
    ExecutionCompleted
    | ExecutionFailed
    | ExecutionCancelled
    | ExecutionContinued
    | ExecutionTerminated
)
"""The last event of an execution."""

HistoryEvent = Recorded | Delivered | Ended
"""Anything that can stand in a history. Known elsewhere as: Temporal's history events."""
