"""What the code asks for. Invariant: a command says what to do, never when or by whom.

Every command that becomes part of history has the number under which it is recorded; a cancel
names its target's number instead of having one of its own.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelRequested,
    ActivityScheduled,
    EventAwaited,
    EventWaitCancelled,
    SideEffectRecorded,
    TimerCancelled,
    TimerStarted,
)
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload

__all__ = [
    "AwaitEvent",
    "CancelActivity",
    "CancelEventWait",
    "CancelTimer",
    "Command",
    "RecordSideEffect",
    "ScheduleActivity",
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

    def recorded(self) -> EventAwaited:
        return EventAwaited(number=self.number, name=self.name, line=self.line)


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


Command = (
    StartTimer
    | CancelTimer
    | ScheduleActivity
    | CancelActivity
    | AwaitEvent
    | CancelEventWait
    | RecordSideEffect
)
