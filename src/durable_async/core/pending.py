"""Which waits are still open, given what history says.

Invariant: a wait is closed by exactly one event, and a closed wait never reopens. Same events in,
same waits out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, TypeGuard, get_args

import attrs

from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    ChildCancelRequested,
    ChildStarted,
    Ended,
    EntityCallCancelled,
    EntityCalled,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)

__all__ = ["OpenWait", "Waits", "open_waits"]

OpenCall = ChildStarted | InstanceStarted | InstanceAwaited | EntityCalled | LockRequested
OpenWait = TimerStarted | ActivityScheduled | EventAwaited | OpenCall

Closing = (
    TimerFired
    | TimerCancelled
    | ActivityCompleted
    | ActivityFailed
    | ActivityCancelRequested
    | ActivityCancelled
    | CallCompleted
    | CallFailed
    | ChildCancelRequested
    | InstanceWaitCancelled
    | EntityCallCancelled
    | LockReleased
)
"""Closes the wait of its number."""

_OPENING: Final = frozenset(get_args(OpenWait))
_CLOSING: Final = frozenset(get_args(Closing))
_ENDS: Final = frozenset(get_args(Ended))


def _opens(event: HistoryEvent) -> TypeGuard[OpenWait]:
    return type(event) in _OPENING


def _closes(event: HistoryEvent) -> TypeGuard[Closing]:
    return type(event) in _CLOSING


@attrs.define
class _Name:
    """Events of one name that nobody has taken, and the waits that none has reached."""

    events: int = 0
    waiting: deque[int] = attrs.field(factory=deque)


_Key = tuple[bool, str]
"""Whether it is a request, and its name."""


class Waits:
    """open: the waits that are open, by number. locks: those that are held."""

    def __init__(self) -> None:
        self.open: dict[int, OpenWait] = {}
        self.locks: dict[int, LockRequested] = {}
        self._served: dict[int, _Key] = {}  # event waits that were given an event, and its name
        self._names: dict[_Key, _Name] = {}

    def follow(self, event: HistoryEvent) -> None:
        """Let one more event have happened."""
        if _opens(event):
            self._begin(event)
        elif _closes(event):
            self._end(event)
        elif isinstance(event, EventReceived):
            self._receive((event.request_id is not None, event.name))
        elif isinstance(event, EventWaitCancelled):
            self._cancel_event_wait(event.number)
        elif type(event) in _ENDS:
            self.open.clear()
            self.locks.clear()

    def _begin(self, wait: OpenWait) -> None:
        self.open[wait.number] = wait
        if isinstance(wait, EventAwaited):
            key = wait.request, wait.name
            name = self._names.setdefault(key, _Name())
            name.waiting.append(wait.number)
            self._hand_out(key, name)

    def _end(self, event: Closing) -> None:
        # Not strict about what was never open: what a late completion of a cancelled wait means
        # is for replay to judge, and this is only a view.
        wait = self.open.pop(event.number, None)
        if isinstance(wait, LockRequested) and isinstance(event, CallCompleted):
            self.locks[event.number] = wait
        elif isinstance(event, LockReleased):
            self.locks.pop(event.number, None)

    def _receive(self, key: _Key) -> None:
        name = self._names.setdefault(key, _Name())
        name.events += 1
        self._hand_out(key, name)

    def _cancel_event_wait(self, number: int) -> None:
        served = self._served.pop(number, None)
        if served is not None:
            # It was cancelled before it could take the event: the next one gets it.
            self._receive(served)
            return
        wait = self.open.get(number)
        if isinstance(wait, EventAwaited):
            del self.open[number]
            self._names[wait.request, wait.name].waiting.remove(number)

    def _hand_out(self, key: _Key, name: _Name) -> None:
        while name.events and name.waiting:
            number = name.waiting.popleft()
            name.events -= 1
            self._served[number] = key
            del self.open[number]


def open_waits(history: Iterable[HistoryEvent]) -> tuple[OpenWait, ...]:
    """What an execution waits for, oldest first; nothing when it has ended.

    An activity whose cancellation was requested is not waited for any more, as the code went on
    when it asked (save with `cancel="wait"`, which history does not tell).
    """
    waits = Waits()
    for event in history:
        waits.follow(event)
    return tuple(waits.open.values())
