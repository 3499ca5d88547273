"""What every bot can do."""

from __future__ import annotations

import functools
import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..models import Ticket

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
log = logging.getLogger("support.bots")


@dataclass
class BotContext:
    ticket: Ticket
    language: str = "en"

    @property
    def debug(self) -> bool:
        return "BOT_DEBUG" in os.environ  # expect: DUR124


def timed(fn: F) -> F:
    """Logs how long a reply took."""

    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter_ns()  # expect: DUR101
        try:
            return await fn(*args, **kwargs)
        finally:
            log.info("%s took %d ns", fn.__qualname__, time.perf_counter_ns() - began)  # expect: DUR101

    return wrapper  # type: ignore[return-value]


class Bot(ABC):
    replies_sent: int = 0

    def __init__(self, context: BotContext) -> None:
        self.context = context

    async def handle(self) -> str:
        text = await self.reply()
        if self.context.debug:
            print(text)  # expect: DUR143
        type(self).replies_sent += 1  # expect: DUR141
        return self.sign(text)

    @abstractmethod
    async def reply(self) -> str: ...

    def sign(self, text: str) -> str:
        return f"{text}\n-- {type(self).__name__}"
