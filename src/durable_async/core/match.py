"""The recorded history, held against what the code asks for now. Invariant: a recorded command is
matched once, in order; cancels, which have no number, are matched by target within their step.

A step is what stands between two delivered events. The first disagreement is kept as the
mismatch, with both lines, and nothing is matched after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    Delivered,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    Recorded,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)

__all__ = ["CancelEvent", "Matcher", "describe"]

CancelEvent = TimerCancelled | ActivityCancelRequested | EventWaitCancelled

_CANCELS: Final = (TimerCancelled, ActivityCancelRequested, EventWaitCancelled)
_DELIVERED: Final = frozenset(
    {
        ExecutionStarted,
        EpisodeStarted,
        TimerFired,
        ActivityCompleted,
        ActivityFailed,
        ActivityCancelled,
        EventReceived,
    }
)
_ENDS: Final = frozenset({ExecutionCompleted, ExecutionFailed, ExecutionTerminated})


class Matcher:
    """A cursor over recorded history. `take_delivered` moves from step to step; within a step
    `expected`, `accept` and `accept_cancel` go through its commands."""

    def __init__(self, events: Sequence[HistoryEvent]) -> None:
        self._events = events
        self._index = 0
        self._ahead: set[int] = set()  # positions of cancels that the code asked for earlier
        self._owed: list[CancelEvent] = []  # recorded cancels, passed over, not asked for yet

    @property
    def position(self) -> int:
        return self._index

    def take_delivered(self) -> Delivered | ExecutionTerminated | None:
        """The event that begins the next step; None at the end, or where a command stands."""
        self._skip_cancels()
        if self._owed or self._index >= len(self._events):
            return None
        event = self._events[self._index]
        if type(event) in _DELIVERED or isinstance(event, ExecutionTerminated):
            self._index += 1
            return event  # type: ignore[return-value]  # narrowed by the set above
        return None

    def take_end(self) -> ExecutionCompleted | ExecutionFailed | None:
        """The end of the execution, if that comes next."""
        self._skip_cancels()
        if self._index < len(self._events) and not self._owed:
            event = self._events[self._index]
            if isinstance(event, ExecutionCompleted | ExecutionFailed):
                self._index += 1
                return event
        return None

    def expected(self) -> Recorded | None:
        """The command that comes next in this step; None if the step has no more."""
        events = self._events
        index = self._index
        if index >= len(events):
            return None
        event = events[index]
        if isinstance(event, _CANCELS):
            self._skip_cancels()
            if self._index >= len(events):
                return None
            event = events[self._index]
        kind = type(event)
        if kind in _DELIVERED or kind in _ENDS:
            return None
        return event  # type: ignore[return-value]  # what is neither delivered nor an end

    def accept(self) -> None:
        """What `expected` gave has been asked for."""
        self._index += 1

    def accept_cancel(self, cancel: CancelEvent) -> bool:
        """Whether this step has a record of `cancel`; it is matched if so."""
        if cancel in self._owed:
            self._owed.remove(cancel)
            return True
        for position in range(self._index, len(self._events)):
            event = self._events[position]
            if type(event) in _DELIVERED:
                return False
            if event == cancel and position not in self._ahead:
                if position == self._index:
                    self._index += 1
                else:
                    self._ahead.add(position)
                return True
        return False

    def unmatched(self) -> HistoryEvent | None:
        """The first event that the code should have asked for, or reached, and did not."""
        self._skip_cancels()
        if self._owed:
            return self._owed[0]
        return self._events[self._index] if self._index < len(self._events) else None

    def _skip_cancels(self) -> None:
        while self._index < len(self._events):
            event = self._events[self._index]
            if not isinstance(event, _CANCELS):
                return
            if self._index in self._ahead:
                self._ahead.remove(self._index)
            else:
                self._owed.append(event)
            self._index += 1


def describe(event: HistoryEvent) -> str:
    """A recorded event as a reader of the error needs it: kind, name, line."""
    match event:
        case ActivityScheduled():
            text = f"activity {event.name!r} scheduled"
        case TimerStarted():
            text = f"a timer until {event.due:%Y-%m-%d %H:%M:%S} UTC started"
        case EventAwaited():
            text = f"a wait for event {event.name!r}"
        case SideEffectRecorded():
            text = f"side effect {event.name!r} recorded"
        case TimerCancelled():
            text = f"timer {event.number} cancelled"
        case ActivityCancelRequested():
            text = f"activity {event.number} cancelled"
        case EventWaitCancelled():
            text = f"the wait {event.number} for an event cancelled"
        case EventReceived():
            text = f"event {event.name!r} received"
        case ExecutionCompleted():
            text = "the orchestrator completed"
        case ExecutionFailed():
            text = f"the orchestrator failed ({event.failure.type_name})"
        case _:
            text = type(event).__name__
    line = getattr(event, "line", "")
    return f"{text} at {line}" if line else text
