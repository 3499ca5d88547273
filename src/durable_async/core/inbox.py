"""External events and requests of an execution: those that nobody has taken, and those who wait.

Invariant: of one name there are events or waiters, never both; each event reaches one waiter, first
come, first served, and a waiter that is cancelled swallows none. An event counts as taken when
its waiter has gone on with it.
"""

from __future__ import annotations

from collections import deque

import attrs

from durable_async.core.tasks import OrchestratorFuture
from durable_async.model.history import EventReceived

__all__ = ["Inbox", "Waiter"]

Waiter = OrchestratorFuture[EventReceived]

_Came = tuple[int, EventReceived]
"""An event, and the how manieth it was."""


@attrs.define
class _Queue:
    events: deque[_Came] | None = None  # made when needed: an empty deque has 760 bytes
    waiters: list[Waiter] = attrs.field(factory=list)

    def events_to_add(self) -> deque[_Came]:
        if self.events is None:
            self.events = deque()
        return self.events


class Inbox:
    """Who takes what, of events and of requests."""

    __slots__ = ("_came", "_handed", "_queues", "waiting")

    def __init__(self) -> None:
        self._queues: dict[str | tuple[str], _Queue] = {}  # of requests: by a tuple of the name
        self._handed: list[tuple[Waiter, _Came]] = []
        self._came = 0
        self.waiting = 0
        """How many wait."""

    def receive(self, event: EventReceived) -> None:
        came = self._came, event
        self._came += 1
        queue = self._queue(event.name, event.request_id is not None)
        if not self._hand_out(queue, came):
            queue.events_to_add().append(came)

    def take(self, name: str, *, request: bool = False) -> EventReceived | None:
        """The oldest event of this name that nobody has taken."""
        events = self._queue(name, request).events
        return events.popleft()[1] if events else None

    def wait(self, name: str, waiter: Waiter, *, request: bool = False) -> None:
        """A place at the end of the line; the waiter is brought the event."""
        self._queue(name, request).waiters.append(waiter)
        self.waiting += 1

    def taken(self, waiter: Waiter) -> None:
        """A waiter has gone on with the event that it was handed."""
        self._take_back(waiter)

    def leave(self, name: str, waiter: Waiter, *, request: bool = False) -> None:
        """A waiter was cancelled. An event that it was handed, and has not taken, goes to the one
        behind it, or back to the head."""
        queue = self._queue(name, request)
        if waiter in queue.waiters:
            queue.waiters.remove(waiter)
            self.waiting -= 1
            return
        came = self._take_back(waiter)
        if came is not None and not self._hand_out(queue, came):
            queue.events_to_add().appendleft(came)

    def untaken(self) -> tuple[EventReceived, ...]:
        """All that nobody has taken, in the order in which they came."""
        came = [each for _, each in self._handed]
        for queue in self._queues.values():
            came += queue.events or ()
        return tuple([event for _, event in sorted(came, key=_order)])

    def clear(self) -> None:
        self._queues.clear()
        self._handed.clear()
        self.waiting = 0

    def _hand_out(self, queue: _Queue, came: _Came) -> bool:
        while queue.waiters:
            waiter = queue.waiters.pop(0)
            self.waiting -= 1
            if not waiter.done():  # else it was cancelled in this step
                self._handed.append((waiter, came))
                waiter.set_result(came[1])
                return True
        return False

    def _take_back(self, waiter: Waiter) -> _Came | None:
        for place, (whose, came) in enumerate(self._handed):
            if whose is waiter:
                del self._handed[place]
                return came
        return None

    def _queue(self, name: str, request: bool) -> _Queue:
        key = (name,) if request else name
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue()
        return queue


def _order(came: _Came) -> int:
    return came[0]
