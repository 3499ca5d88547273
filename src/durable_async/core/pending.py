"""Which waits are still open, given what history says.

Invariant: a wait is closed by exactly one event, and a closed wait never reopens. Same events in,
same waits out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import attrs

from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
    HistoryEvent,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)

__all__ = ["OpenWait", "open_waits"]

OpenWait = TimerStarted | ActivityScheduled | EventAwaited


@attrs.define
class _Name:
    """Events of one name that nobody has taken, and the waits that none has reached."""

    events: int = 0
    waiting: deque[int] = attrs.field(factory=deque)


class _Waits:
    def __init__(self) -> None:
        self.open: dict[int, OpenWait] = {}
        self._served: dict[int, str] = {}  # event waits that were given an event, and its name
        self._names: dict[str, _Name] = {}

    def begin(self, wait: OpenWait) -> None:
        self.open[wait.number] = wait
        if isinstance(wait, EventAwaited):
            name = self._names.setdefault(wait.name, _Name())
            name.waiting.append(wait.number)
            self._hand_out(wait.name, name)

    def end(self, number: int) -> None:
        # Not strict about what was never open: what a late completion of a cancelled wait means
        # is for replay to judge, and this is only a view for people.
        self.open.pop(number, None)

    def receive(self, event_name: str) -> None:
        name = self._names.setdefault(event_name, _Name())
        name.events += 1
        self._hand_out(event_name, name)

    def cancel_event_wait(self, number: int) -> None:
        served = self._served.pop(number, None)
        if served is not None:
            # It was cancelled before it could take the event: the next one gets it.
            self.receive(served)
            return
        wait = self.open.get(number)
        if isinstance(wait, EventAwaited):
            del self.open[number]
            self._names[wait.name].waiting.remove(number)

    def _hand_out(self, event_name: str, name: _Name) -> None:
        while name.events and name.waiting:
            number = name.waiting.popleft()
            name.events -= 1
            self._served[number] = event_name
            del self.open[number]


def open_waits(history: Iterable[HistoryEvent]) -> tuple[OpenWait, ...]:
    """What an execution waits for, oldest first; nothing when it has ended.

    An activity whose cancellation was requested is not waited for any more, as the code went on
    when it asked (save with `cancel="wait"`, which history does not tell).
    """
    waits = _Waits()
    for event in history:
        match event:
            case TimerStarted() | ActivityScheduled() | EventAwaited():
                waits.begin(event)
            case (
                TimerFired(number=number)
                | TimerCancelled(number=number)
                | ActivityCompleted(number=number)
                | ActivityFailed(number=number)
                | ActivityCancelRequested(number=number)
                | ActivityCancelled(number=number)
            ):
                waits.end(number)
            case EventReceived(name=name):
                waits.receive(name)
            case EventWaitCancelled(number=number):
                waits.cancel_event_wait(number)
            case ExecutionCompleted() | ExecutionFailed() | ExecutionTerminated():
                return ()
            case _:
                pass  # the start, the clock and side effects are waited for by nobody
    return tuple(waits.open.values())
