"""A failed history, taken back to before its failure. Invariant: what stays is a beginning of what
was there, and whatever had been answered before the failure is not done again.

The cut is where the failure came in: the failed call that it goes back to, else the event in whose
step the code itself failed. What came from outside after the cut comes again, in the same order;
what the code asked for after it is forgotten, and what it waited for there is done anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from durable_async.core.pending import OpenWait, Waits
from durable_async.model.commands import (
    AwaitInstance,
    CallEntity,
    Command,
    RequestLock,
    ScheduleActivity,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    ChildStarted,
    Delivered,
    EntityCalled,
    EpisodeStarted,
    EventReceived,
    ExecutionFailed,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
    TimerFired,
    TimerStarted,
)

__all__ = ["Rewound", "rewound"]


@attrs.frozen(kw_only=True)
class Rewound:
    """history: what stays of it. redeliver: news for the execution, in order, before any other.
    commands: what it waits for there, to be carried out anew, by number; a child or detached
    instance that is there already, of the same execution id, is not made twice. locks: those it
    holds there, under their numbers: it may go on only when it has them again. dropped: news
    that is not delivered again, for the log.
    """

    history: tuple[HistoryEvent, ...]
    redeliver: tuple[Delivered, ...]
    commands: tuple[Command, ...]
    locks: tuple[RequestLock, ...]
    dropped: tuple[Delivered, ...]


_COMMANDS: Final[dict[type[OpenWait], Callable[..., Command]]] = {
    TimerStarted: StartTimer,
    ActivityScheduled: ScheduleActivity,
    ChildStarted: StartChild,
    InstanceStarted: StartInstance,
    InstanceAwaited: AwaitInstance,
    EntityCalled: CallEntity,
    LockRequested: RequestLock,
}
"""What was recorded of a command has its fields."""


def rewound(history: Sequence[HistoryEvent]) -> Rewound:
    """Raises ValueError if the execution has not failed."""
    end = history[-1] if history else None
    if not isinstance(end, ExecutionFailed):
        raise ValueError(f"only a failed history can be rewound, not one that ends with {end!r}")
    cut, own = _cut(history, end)
    at_cut = _AtCut(history[:cut])
    for position in range(cut, len(history) - 1):
        event = history[position]
        if isinstance(event, Delivered):
            at_cut.come_again(event, is_handled=own and position == cut)
    return Rewound(
        history=tuple(history[:cut]),
        redeliver=(*at_cut.redeliver, *at_cut.ends_of_cancelled()),
        commands=tuple(
            _COMMANDS[type(wait)](**attrs.asdict(wait, recurse=False))
            for _, wait in sorted(at_cut.open.items())
            if type(wait) in _COMMANDS  # an event is waited for by the code alone
        ),
        locks=tuple(
            RequestLock(**attrs.asdict(lock, recurse=False))
            for _, lock in sorted(at_cut.locks.items())
        ),
        dropped=tuple(at_cut.dropped),
    )


def _cut(history: Sequence[HistoryEvent], end: ExecutionFailed) -> tuple[int, bool]:
    """How much stays; whether the code had handled the event that comes then."""
    if end.cut is not None:
        return max(end.cut, 1), end.own  # the start stays in any case
    position = len(history) - 1
    while position > 1 and not isinstance(history[position], Delivered):
        position -= 1
    return position, True


class _AtCut:
    """What is open at the cut, and what becomes of the news behind it."""

    def __init__(self, kept: Sequence[HistoryEvent]) -> None:
        waits = Waits()
        self._cancelled: set[int] = set()  # activities, whose end is waited for all the same
        for event in kept:
            waits.follow(event)
            if isinstance(event, ActivityCancelRequested):
                self._cancelled.add(event.number)
            elif isinstance(event, ActivityCancelled | ActivityCompleted | ActivityFailed):
                self._cancelled.discard(event.number)
        self.open: dict[int, OpenWait] = waits.open
        self.locks = waits.locks
        self.redeliver: list[Delivered] = []
        self.dropped: list[Delivered] = []

    def come_again(self, event: Delivered, *, is_handled: bool) -> None:
        """is_handled: it had reached the code, which then failed by itself."""
        if isinstance(event, EpisodeStarted):
            return
        if self._is_wanted(event) or (is_handled and not self._is_granted_lock(event)):
            self.redeliver.append(event)
            self._close(event)
        else:
            self.dropped.append(event)

    def _is_wanted(self, event: Delivered) -> bool:
        match event:
            case EventReceived():
                return True
            case TimerFired():
                return event.number in self.open
            case ActivityCompleted():
                return event.number in self.open or event.number in self._cancelled
            case ActivityFailed() | ActivityCancelled():
                return event.number in self._cancelled
            case CallCompleted():
                return event.number in self.open and not self._is_granted_lock(event)
            case _:
                return False

    def _is_granted_lock(self, event: Delivered) -> bool:
        """It has been released since: it must be granted again."""
        return isinstance(event, CallCompleted) and isinstance(
            self.open.get(event.number), LockRequested
        )

    def _close(self, event: Delivered) -> None:
        number = getattr(event, "number", None)
        if number is not None:
            self.open.pop(number, None)
            self._cancelled.discard(number)

    def ends_of_cancelled(self) -> list[Delivered]:
        """With `cancel="wait"` the code waits for the end of an activity that was cancelled; that
        it has ended is certain now. Elsewhere nobody waits for this, and it is ignored."""
        return [ActivityCancelled(number=number) for number in sorted(self._cancelled)]
