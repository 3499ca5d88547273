"""The recorded history, held against what the code asks for now. Invariant: a recorded command is
matched once, in order; cancels, which have no number, are matched by target within their step;
marks of patches are passed over wherever they stand.

A step is what stands between two delivered events. The first disagreement is kept as the
mismatch, with both lines, and nothing is matched after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from durable_async.model.history import (
    ActivityCancelRequested,
    ActivityScheduled,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    Delivered,
    Ended,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EventAwaited,
    EventSent,
    EventWaitCancelled,
    ExecutionContinued,
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
    TimerStarted,
)

__all__ = ["CancelEvent", "Matcher", "is_changed", "is_same"]

CancelEvent = (
    TimerCancelled
    | ActivityCancelRequested
    | EventWaitCancelled
    | ChildCancelRequested
    | InstanceWaitCancelled
    | EntityCallCancelled
    | LockReleased
)
"""What is matched by its target."""

_PASSED: Final = frozenset((*get_args(CancelEvent), PatchMarked))
_DELIVERED: Final = frozenset(get_args(Delivered))
_ENDS: Final = frozenset(get_args(Ended))


NO_PATCHES: Final[frozenset[str]] = frozenset()


class Matcher:
    """A cursor over recorded history. `take_delivered` moves from step to step; within a step
    `expected`, `accept` and `accept_cancel` go through its commands. position: of the next event.
    """

    def __init__(self, events: Sequence[HistoryEvent]) -> None:
        self._events = events
        self.position = 0
        self._ahead: set[int] = set()  # positions of cancels that the code asked for earlier
        self._owed: dict[int, CancelEvent] = {}  # passed over, by position, not asked for yet
        self._marks = 0  # passed over, less those that the code has come to
        self._patches: frozenset[str] | None = None

    @property
    def recorded(self) -> int:
        """How many events had been recorded when the code first came to where it is now."""
        return self.position - len(self._owed) + len(self._ahead) - self._marks

    @property
    def patches(self) -> frozenset[str]:
        """The ids of all patches that are marked somewhere, also further on."""
        if self._patches is None:
            marked = [event.id for event in self._events if type(event) is PatchMarked]
            # Python makes a new empty one each time, of 216 bytes.
            self._patches = frozenset(marked) if marked else NO_PATCHES
        return self._patches

    def take_delivered(self) -> Delivered | None:
        """The event that begins the next step; None at the end, or where a command stands."""
        self._pass_over()
        if self._owed or self.position >= len(self._events):
            return None
        event = self._events[self.position]
        if type(event) in _DELIVERED:
            self.position += 1
            return event  # type: ignore[return-value]  # narrowed by the set above
        return None

    def next_end(self) -> Ended | None:
        """The end of the execution, if that comes next."""
        self._pass_over()
        if self.position < len(self._events) and not self._owed:
            event = self._events[self.position]
            if type(event) in _ENDS:
                return event  # type: ignore[return-value]  # narrowed by the set above
        return None

    def expected(self) -> Recorded | None:
        """The command that comes next in this step; None if the step has no more."""
        events = self._events
        index = self.position
        if index >= len(events):
            return None
        event = events[index]
        kind = type(event)
        if kind in _PASSED:
            self._pass_over()
            if self.position >= len(events):
                return None
            event = events[self.position]
            kind = type(event)
        if kind in _DELIVERED or kind in _ENDS:
            return None
        return event  # type: ignore[return-value]  # what is neither delivered nor an end

    def accept(self) -> None:
        """What `expected` gave has been asked for."""
        self.position += 1

    def accept_mark(self) -> None:
        """The code has come to the mark of a patch for the first time."""
        self._marks -= 1

    def accept_cancel(self, cancel: CancelEvent) -> bool:
        """Whether this step has a record of `cancel`; it is matched if so."""
        for position, owed in self._owed.items():
            if owed == cancel:
                del self._owed[position]
                return True
        for position in range(self.position, len(self._events)):
            event = self._events[position]
            if type(event) in _DELIVERED:
                return False
            if event == cancel and position not in self._ahead:
                if position == self.position:
                    self.position += 1
                else:
                    self._ahead.add(position)
                return True
        return False

    def unmatched(self) -> tuple[int, HistoryEvent] | None:
        """The first event that the code should have asked for, or reached, and did not; and its
        position."""
        self._pass_over()
        if self._owed:
            return next(iter(self._owed.items()))
        if self.position < len(self._events):
            return self.position, self._events[self.position]
        return None

    def _pass_over(self) -> None:
        while self.position < len(self._events):
            event = self._events[self.position]
            if type(event) not in _PASSED:
                return
            if self.position in self._ahead:
                self._ahead.remove(self.position)
            elif isinstance(event, PatchMarked):
                self._marks += 1
            else:
                self._owed[self.position] = event  # type: ignore[assignment]  # narrowed above
            self.position += 1


# ---- what is the same ------------------------------------------------------------------------


def is_same(recorded: Recorded | Ended, asked: Recorded | ExecutionContinued) -> bool:
    """Whether the code asks for what was recorded: kind, number and what is meant."""
    return (
        type(recorded) is type(asked)
        and getattr(recorded, "number", None) == getattr(asked, "number", None)
        and _meant(recorded) == _meant(asked)
    )


def is_changed(recorded: Recorded | Ended, asked: Recorded | ExecutionContinued) -> bool:
    """Whether the code asks for the same, but with other arguments."""
    return _arguments(recorded) != _arguments(asked)


def _meant(event: HistoryEvent) -> object:
    match event:
        case ActivityScheduled(name=name) | SideEffectRecorded(name=name):
            return name
        case EventAwaited():
            return event.name, event.request
        case ChildStarted(request=request) | InstanceStarted(request=request):
            return request.name, request.instance_id
        case EventSent():
            return event.instance_id, event.name
        case InstanceAwaited(instance_id=instance_id) | CancelSent(instance_id=instance_id):
            return instance_id
        case RequestAnswered(request_id=request_id):
            return request_id
        case EntityCalled() | EntitySignalled():
            return event.entity, event.operation
        case LockRequested(entities=entities):
            return entities
        case ExecutionContinued(request=request):
            return request.name
        case _:
            return None  # a timer: that there is one is all of it


def _arguments(event: HistoryEvent) -> object:
    match event:
        case TimerStarted(due=due):
            return due
        case EntitySignalled():
            return event.fingerprint, event.due
        case CancelSent(reason=reason):
            return reason
        case _:
            return getattr(event, "fingerprint", None)
