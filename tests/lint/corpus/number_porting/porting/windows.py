"""When may a number be switched? Callable objects, chained."""

from __future__ import annotations

import asyncio
import datetime
import queue
import time as _time
from collections.abc import Callable, Iterable
from typing import Any

import durable_async as da

Rule = Callable[[datetime.datetime], "datetime.datetime | None"]


class Night:
    """Between one and five; gives the next begin if the moment lies outside."""

    def __init__(self, begin: int = 1, end: int = 5) -> None:
        self.begin, self.end = begin, end

    def __call__(self, moment: datetime.datetime) -> datetime.datetime | None:
        if self.begin <= moment.hour < self.end:
            return None
        day = moment if moment.hour < self.begin else moment + datetime.timedelta(days=1)
        return day.replace(hour=self.begin, minute=0, second=0, microsecond=0)


class NoHoliday:
    def __init__(self, days: Iterable[datetime.date]) -> None:
        self._days = frozenset(days)

    def __call__(self, moment: datetime.datetime) -> datetime.datetime | None:
        return moment + datetime.timedelta(days=1) if moment.date() in self._days else None

    def upcoming(self) -> list[datetime.date]:
        return sorted(day for day in self._days if day >= datetime.date.today())


class Freeze:
    """No changes while the network is frozen; the flag is set by operations."""

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(self, moment: datetime.datetime) -> datetime.datetime | None:
        if self._until > _time.time():  # expect: DUR101
            return datetime.datetime.fromtimestamp(self._until, datetime.timezone.utc)
        return None


class Window:
    def __init__(self, *rules: Rule) -> None:
        self._rules = rules

    def next(self, moment: datetime.datetime) -> datetime.datetime:
        for rule in self._rules:
            if (later := rule(moment)) is not None:
                return self.next(later)
        return moment

    async def opened(self) -> datetime.datetime:
        moment = self.next(da.now())
        await da.sleep_until(moment)
        return moment


class Inbox:
    """Status messages between the parts of one porting."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._legacy: queue.Queue[Any] = queue.Queue()  # expect: DUR131

    def put(self, item: Any) -> None:
        self._queue.put_nowait(item)

    async def get(self) -> Any:
        return await self._queue.get()

    def get_legacy(self) -> Any:
        return self._legacy.get()  # expect: DUR102


def loop_age(loop: asyncio.AbstractEventLoop, since: float) -> float:
    return loop.time() - since
