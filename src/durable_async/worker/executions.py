"""The executions that a worker keeps between episodes. Invariant: an execution is kept only while
this worker holds its lease; whoever drops one says whether the lease goes with it.

A kept execution has cost as much as its history is long; it is worth keeping. The ones that
nothing happened to for longest go first.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from durable_async.core.episode import Execution
from durable_async.model.commands import CancelTimer, Command, StartTimer
from durable_async.model.history import (
    ExecutionStarted,
    HistoryEvent,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.work import ActivityReport, Claimed, Lease, News

__all__ = ["Cache", "Kept", "Timers"]


class Timers:
    """The open timers of one execution, by when they are due."""

    __slots__ = ("_heap", "_open")

    def __init__(self) -> None:
        # Made when first needed: most waiting instances have no timer, and there are many.
        self._open: set[int] | None = None
        self._heap: list[tuple[datetime, int]] | None = None

    def start(self, number: int, due: datetime) -> None:
        if self._open is None or self._heap is None:
            self._open, self._heap = set(), []
        self._open.add(number)
        heapq.heappush(self._heap, (due, number))

    def end(self, number: int) -> None:
        """It fired, or was cancelled."""
        if self._open is not None:
            self._open.discard(number)

    def is_due(self, now: datetime) -> bool:
        """Whether one of them is due by now, and has not fired."""
        heap, still_open = self._heap, self._open
        if heap is None or still_open is None:
            return False
        while heap and heap[0][1] not in still_open:
            heapq.heappop(heap)
        return bool(heap) and heap[0][0] <= now

    def read(self, history: Iterable[HistoryEvent]) -> None:
        for event in history:
            match event:
                case TimerStarted(number=number, due=due):
                    self.start(number, due)
                case TimerCancelled(number=number) | TimerFired(number=number):
                    self.end(number)
                case _:
                    pass

    def follow(self, news: Iterable[News], commands: Iterable[Command]) -> None:
        """What an episode has changed: what it was woken with, and what it asked for."""
        for each in news:
            event = each.event
            if type(event) is TimerFired:
                self.end(event.number)
        for command in commands:
            if type(command) is StartTimer:
                self.start(command.number, command.due)
            elif type(command) is CancelTimer:
                self.end(command.number)


class Kept:
    """One instance that this worker holds the lease of.

    execution: None until its first episode here. history: what that episode replays; () from
    then on. length: events in the store. news: what it is to be woken with. finished: the
    activities among the news whose results did not pass through the store. is_child: another
    instance waits for it.
    """

    __slots__ = (
        "execution",
        "finished",
        "history",
        "is_child",
        "lease",
        "length",
        "news",
        "timers",
    )

    def __init__(self, lease: Lease, history: tuple[HistoryEvent, ...], news: list[News]) -> None:
        self.lease = lease
        self.execution: Execution | None = None
        self.history = history
        self.length = len(history)
        self.news = news
        self.finished: list[ActivityReport] = []
        self.timers = Timers()
        first = history[0] if history else None
        self.is_child = isinstance(first, ExecutionStarted) and first.parent is not None

    @staticmethod
    def of(claimed: Claimed) -> Kept:
        return Kept(claimed.lease, claimed.history or (), list(claimed.news))

    def wake(self, news: News) -> None:
        self.news.append(news)

    def take_news(self) -> list[News]:
        """In order of delivery: by the engine's time, ties by number, then as they came in."""
        news, self.news = self.news, []
        if len(news) > 1:
            news.sort(key=_order)
        return news

    def take_finished(self) -> list[ActivityReport]:
        finished, self.finished = self.finished, []
        return finished

    def close(self) -> None:
        """Drop the coroutine; what it still does while it is closed has no effect."""
        execution, self.execution = self.execution, None
        if execution is not None:
            execution.close()


def _order(news: News) -> tuple[datetime, int, int]:
    return (
        news.at,
        getattr(news.event, "number", -1),
        -1 if news.message is None else news.message,
    )


class Cache:
    """Kept executions by instance id; the least recently used one is the first to be evicted."""

    __slots__ = ("_kept", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, instance_id: str) -> Kept | None:
        return self._kept.get(instance_id)

    def put(self, kept: Kept) -> None:
        self._kept[kept.lease.instance_id] = kept

    def use(self, kept: Kept) -> None:
        self._kept.move_to_end(kept.lease.instance_id)

    def remove(self, kept: Kept) -> None:
        """If it is still the one that is kept."""
        if self._kept.get(kept.lease.instance_id) is kept:
            del self._kept[kept.lease.instance_id]

    def evict(self, due: Container[str], count: int) -> Iterator[Kept]:
        """Take out what is too much. due: ids of those that are still to be run, `count` of them;
        they stay, and do not count."""
        while len(self._kept) - count > self._size:
            instance_id, kept = self._kept.popitem(last=False)
            if instance_id in due:
                self._kept[instance_id] = kept
            else:
                yield kept

    def clear(self) -> Iterator[Kept]:
        while self._kept:
            yield self._kept.popitem(last=False)[1]
