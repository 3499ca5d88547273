"""In which order news wakes an execution.

Invariant: by the engine's time; at one moment events from outside come first, then what has a
number, by its number; messages never overtake one another, whatever the clock did between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from durable_async.model.history import TimerFired
from durable_async.model.work import News

__all__ = ["in_order"]


def in_order(messages: Iterable[News], timers: Iterable[tuple[datetime, int]]) -> tuple[News, ...]:
    """messages: of the inbox, as they were accepted. timers: (due, number) of those due."""
    ordered = [(*_rank(news), news) for news in _monotonic(messages)]
    for due, number in timers:
        ordered.append((due, number, 0, News(event=TimerFired(number=number), at=due)))
    if len(ordered) > 1:
        ordered.sort(key=lambda entry: entry[:3])
    return tuple([entry[3] for entry in ordered])


def _rank(news: News) -> tuple[datetime, int, int]:
    # A result has the number of its command; an event has none and comes before it.
    return news.at, getattr(news.event, "number", -1), news.message or 0


def _monotonic(messages: Iterable[News]) -> Iterable[News]:
    """The clock may have been set back between two messages; their order stays that of their
    acceptance all the same."""
    newest: datetime | None = None
    for news in messages:
        if newest is not None and news.at < newest:
            news = News(event=news.event, at=newest, message=news.message)
        newest = news.at if newest is None else max(newest, news.at)
        yield news
