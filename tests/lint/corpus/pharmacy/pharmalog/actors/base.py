"""Actors: an inbox, a handler for each message, and a loop."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import durable_async
import structlog

log = structlog.get_logger("actors")


class Actor:
    """Subclasses add their messages to `handlers`."""

    instances = 0
    _names: dict[str, Actor] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.handled = 0
        self.owner = f"{os.getpid()}/{threading.current_thread().name}"  # expect: DUR125, DUR131
        Actor._names[name] = self  # expect: DUR141

    @classmethod
    def find(cls, name: str) -> Actor:
        return cls._names[name]  # expect: DUR141

    async def tell(self, message: str, body: Any) -> None:
        await self.inbox.put((message, body))

    def handlers(self) -> dict[str, Callable[[Any], Awaitable[None]]]:
        return {"stop": self.on_stop}

    async def run(self, messages: int) -> int:
        while self.handled < messages:
            message, body = await self.inbox.get()
            try:
                await self.handlers()[message](body)
            except asyncio.CancelledError:  # expect: DUR135
                break
            except Exception as error:
                log.warning("failed", actor=self.name, error=repr(error))  # expect: DUR143
            self.handled += 1
        return self.handled

    async def forever(self) -> None:
        while True:  # expect: DUR151
            message, body = await self.inbox.get()
            await self.handlers()[message](body)
            await durable_async.sleep(1)

    async def on_stop(self, body: Any) -> None:
        self.handled = 1 << 30
        log.debug("stopped", actor=self.name)  # expect: DUR143


class Debugger(Actor):
    """Attached by hand in a shell."""

    def handlers(self) -> dict[str, Callable[[Any], Awaitable[None]]]:
        return {"dump": self.on_dump}

    async def on_dump(self, body: Any) -> None:
        print(os.environ, body)
        breakpoint()
