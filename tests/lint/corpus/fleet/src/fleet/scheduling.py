from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta, timezone
from typing import Generic, TypeVar

from .durable import now

T = TypeVar("T")


class Due(Generic[T]):
    def __init__(self, item: T, by: date) -> None:
        self.item = item
        self.by = by

    def __lt__(self, other: Due[T]) -> bool:
        return self.by < other.by

    def __bool__(self) -> bool:
        return self.by <= date.today()  # expect: DUR101

    def __repr__(self) -> str:
        return f"<Due {self.item!r} {date.today() - self.by}>"


def from_epoch(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, timezone.utc).date()


def next_slot(time: datetime, step: Callable[[datetime], datetime]) -> datetime:
    return step(time.replace(minute=0))


async def slots(first: datetime, count: int) -> AsyncIterator[datetime]:
    for number in range(count):
        yield first + timedelta(hours=number)


def cool_down(seconds: float) -> None:
    time.sleep(seconds)  # expect: DUR102


def today() -> date:
    return now().date()
