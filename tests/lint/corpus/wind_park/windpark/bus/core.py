"""A small synchronous bus. Handlers are attached at import time by `subscriber`."""

from __future__ import annotations

import inspect
import os
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from loguru import logger

from .events import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], Awaitable[None] | None]

SUBSCRIBERS: dict[type[Event], list[Handler]] = {}
DEAD_LETTERS: deque[Event] = deque(maxlen=100)


def subscriber(kind: type[E]) -> Callable[[Callable[[E], Any]], Callable[[E], Any]]:
    def attach(handler: Callable[[E], Any]) -> Callable[[E], Any]:
        SUBSCRIBERS.setdefault(kind, []).append(handler)
        return handler

    return attach


class EventBus:
    def __init__(self, name: str) -> None:
        self.name = name
        self.published: list[Event] = []
        self.node = os.uname().nodename  # expect: DUR125

    async def publish(self, event: Event) -> int:
        self.published.append(event)
        handled = 0
        for handler in SUBSCRIBERS.get(type(event), ()):
            try:
                outcome = handler(event)
                if inspect.isawaitable(outcome):
                    await outcome
                handled += 1
            except ValueError:
                traceback.print_exc()  # expect: DUR143
                DEAD_LETTERS.append(event)  # expect: DUR141
        logger.debug("{} handled {}", self.name, handled)  # expect: DUR143
        return handled

    def backlog(self) -> int:
        return len(DEAD_LETTERS)  # expect: DUR141

    def kinds(self) -> list[str]:
        return sorted({type(event).__name__ for event in self.published})

    def drain(self) -> list[Event]:
        """Gateway only: hands the dead letters to the dashboard."""
        letters = list(DEAD_LETTERS)
        DEAD_LETTERS.clear()
        return letters
