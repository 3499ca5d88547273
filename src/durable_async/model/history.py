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

from durable_async.model.failure import Failure
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload

__all__ = [
    "FORMAT",
    "ActivityCancelRequested",
    "ActivityCancelled",
    "ActivityCompleted",
    "ActivityFailed",
    "ActivityScheduled",
    "Delivered",
    "Ended",
    "EpisodeStarted",
    "EventAwaited",
    "EventReceived",
    "EventWaitCancelled",
    "ExecutionCompleted",
    "ExecutionFailed",
    "ExecutionStarted",
    "ExecutionTerminated",
    "HistoryEvent",
    "Recorded",
    "SideEffectRecorded",
    "TimerCancelled",
    "TimerFired",
    "TimerStarted",
]

FORMAT: Final = 1
"""The order in which wake-ups are run, as stored. It changes only with a new number."""


@attrs.frozen(kw_only=True)
class ExecutionStarted:
    """The first event of an execution. at: when the engine accepted the start (UTC)."""

    format: int
    instance_id: str
    execution_id: str
    name: str
    version: str | None = None
    input: Payload
    parent_id: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    at: datetime


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
    number: int
    name: str
    line: str = ""


@attrs.frozen(kw_only=True)
class EventWaitCancelled:
    number: int


@attrs.frozen(kw_only=True)
class EventReceived:
    """An external event came in, whether or not somebody waits for it. key: of `raise_event`."""

    name: str
    data: Payload
    key: str | None = None


@attrs.frozen(kw_only=True)
class SideEffectRecorded:
    """name: the function's. Exactly one of result and failure is set."""

    number: int
    name: str
    result: Payload | None = None
    failure: Failure | None = None
    line: str = ""


@attrs.frozen(kw_only=True)
class ExecutionCompleted:
    result: Payload


@attrs.frozen(kw_only=True)
class ExecutionFailed:
    failure: Failure


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
)
"""Events that the code is woken with."""

Ended = ExecutionCompleted | ExecutionFailed | ExecutionTerminated
"""The last event of an execution."""

HistoryEvent = Recorded | Delivered | Ended
"""Anything that can stand in a history. Known elsewhere as: Temporal's history events."""
