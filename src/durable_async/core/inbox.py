"""External events of an execution: those that nobody has taken, and those who wait for one.

Invariant: of one name there are events or waiters, never both; each event reaches one waiter, first
come, first served, and a waiter that is cancelled swallows none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs

from durable_async.core.tasks import OrchestratorFuture
from durable_async.model.payload import Payload

__all__ = ["Inbox"]

Waiter = OrchestratorFuture[Payload]


@attrs.define
class _Queue:
    events: deque[Payload] | None = None  # made when needed: an empty deque has 760 bytes
    waiters: list[Waiter] = attrs.field(factory=list)

    def events_to_add(self) -> deque[Payload]:
        if self.events is None:
            self.events = deque()
        return self.events


class Inbox:
    """make_future: gives the futures that waiters wait for."""

    __slots__ = ("_make_future", "_queues", "waiting")

    def __init__(self, make_future: Callable[[], Waiter]) -> None:
        self._make_future = make_future
        self._queues: dict[str, _Queue] = {}
        self.waiting = 0
        """How many wait."""

    def receive(self, name: str, data: Payload) -> None:
        queue = self._queue(name)
        if not self._hand_out(queue, data):
            queue.events_to_add().append(data)

    def take(self, name: str) -> Payload | None:
        """The oldest event of this name that nobody has taken."""
        events = self._queue(name).events
        return events.popleft() if events else None

    def wait(self, name: str) -> Waiter:
        """A place at the end of the line; the future brings the event's data."""
        waiter = self._make_future()
        self._queue(name).waiters.append(waiter)
        self.waiting += 1
        return waiter

    def leave(self, name: str, waiter: Waiter) -> None:
        """A waiter was cancelled. An event that it was handed, and has not taken, goes to the one
        behind it, or back to the head."""
        queue = self._queue(name)
        if waiter in queue.waiters:
            queue.waiters.remove(waiter)
            self.waiting -= 1
        elif waiter.done() and not waiter.cancelled():
            data = waiter.result()
            if not self._hand_out(queue, data):
                queue.events_to_add().appendleft(data)

    def clear(self) -> None:
        self._queues.clear()
        self.waiting = 0

    def _hand_out(self, queue: _Queue, data: Payload) -> bool:
        while queue.waiters:
            waiter = queue.waiters.pop(0)
            self.waiting -= 1
            if not waiter.done():  # else it was cancelled in this step
                waiter.set_result(data)
                return True
        return False

    def _queue(self, name: str) -> _Queue:
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = _Queue()
        return queue
