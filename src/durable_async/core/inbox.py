"""External events and requests of an execution: those that nobody has taken, and those who wait.

Invariant: of one name there are events or waiters, never both; each event reaches one waiter, first
come, first served, and a waiter that is cancelled swallows none. An event counts as taken when
its waiter has gone on with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs

from durable_async.core.tasks import OrchestratorFuture
from durable_async.model.history import EventReceived

__all__ = ["Inbox", "Waiter"]

Waiter = OrchestratorFuture[EventReceived]

_Came = tuple[int, EventReceived]
"""An event, and the how manieth it was."""

_Key = tuple[bool, str]
"""Whether it is a request, and its name."""


@attrs.define
class _Queue:
    events: deque[_Came] | None = None  # made when needed: an empty deque has 760 bytes
    waiters: list[Waiter] = attrs.field(factory=list)

    def events_to_add(self) -> deque[_Came]:
        if self.events is None:
            self.events = deque()
        return self.events


class Inbox:
    """make_future: gives the futures that waiters wait for."""

    __slots__ = ("_came", "_handed", "_make_future", "_queues", "waiting")

    def __init__(self, make_future: Callable[[], Waiter]) -> None:
        self._make_future = make_future
        self._queues: dict[_Key, _Queue] = {}
        self._handed: dict[Waiter, _Came] = {}
        self._came = 0
        self.waiting = 0
        """How many wait."""

    def receive(self, event: EventReceived) -> None:
        came = self._came, event
        self._came += 1
        queue = self._queue((event.request_id is not None, event.name))
        if not self._hand_out(queue, came):
            queue.events_to_add().append(came)

    def take(self, name: str, *, request: bool = False) -> EventReceived | None:
        """The oldest event of this name that nobody has taken."""
        events = self._queue((request, name)).events
        return events.popleft()[1] if events else None

    def wait(self, name: str, *, request: bool = False) -> Waiter:
        """A place at the end of the line; the future brings the event."""
        waiter = self._make_future()
        self._queue((request, name)).waiters.append(waiter)
        self.waiting += 1
        return waiter

    def taken(self, waiter: Waiter) -> None:
        """A waiter has gone on with the event that it was handed."""
        del self._handed[waiter]

    def leave(self, name: str, waiter: Waiter, *, request: bool = False) -> None:
        """A waiter was cancelled. An event that it was handed, and has not taken, goes to the one
        behind it, or back to the head."""
        queue = self._queue((request, name))
        if waiter in queue.waiters:
            queue.waiters.remove(waiter)
            self.waiting -= 1
            return
        came = self._handed.pop(waiter, None)
        if came is not None and not self._hand_out(queue, came):
            queue.events_to_add().appendleft(came)

    def untaken(self) -> tuple[EventReceived, ...]:
        """All that nobody has taken, in the order in which they came."""
        came = list(self._handed.values())
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
                self._handed[waiter] = came
                waiter.set_result(came[1])
                return True
        return False

    def _queue(self, key: _Key) -> _Queue:
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue()
        return queue


def _order(came: _Came) -> int:
    return came[0]
