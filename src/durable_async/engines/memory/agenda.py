"""Things by when they are due. Invariant: each thing has one valid entry at most, which its
`ticket` names; what is due, and was not taken, waits in order until somebody takes it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

__all__ = ["NO_TICKET", "Agenda"]

NO_TICKET: Final = -1


class Ticketed(Protocol):
    """What can stand in an Agenda."""

    ticket: int


T = TypeVar("T", bound=Ticketed)


class Agenda(Generic[T]):
    def __init__(self) -> None:
        self._coming: list[tuple[datetime, int, T]] = []
        self._waiting: dict[int, T] = {}
        self._tickets = itertools.count()

    def __len__(self) -> int:
        """Entries, valid or not."""
        return len(self._coming) + len(self._waiting)

    def put(self, thing: T, due: datetime | None) -> None:
        """In place of the entry that it has. due: None to have none any more."""
        if due is None:
            thing.ticket = NO_TICKET
        else:
            thing.ticket = next(self._tickets)
            heapq.heappush(self._coming, (due, thing.ticket, thing))

    def due(self, now: datetime) -> Iterator[T]:
        """In order. Whoever takes one puts it anew."""
        while self._coming and self._coming[0][0] <= now:
            _, ticket, thing = heapq.heappop(self._coming)
            self._waiting[ticket] = thing
        for ticket, thing in list(self._waiting.items()):
            if thing.ticket == ticket:
                yield thing
            if thing.ticket != ticket:
                del self._waiting[ticket]

    def next_due(self, admits: Callable[[T], bool]) -> datetime | None:
        """When the first one that is admitted will be due, of those that `due` has not shown."""
        coming = self._coming
        while coming and coming[0][2].ticket != coming[0][1]:
            heapq.heappop(coming)
        if not coming or admits(coming[0][2]):
            return coming[0][0] if coming else None
        dues = (due for due, ticket, each in coming if each.ticket == ticket and admits(each))
        return min(dues, default=None)
