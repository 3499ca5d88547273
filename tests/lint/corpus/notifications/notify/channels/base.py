"""What a channel is."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

import durable_async as da

campaign: contextvars.ContextVar[str] = contextvars.ContextVar("campaign")


@dataclass
class Delivery:
    user: str
    channel: str
    ref: str
    at: datetime = field(default_factory=da.now)


class Channel(ABC):
    name = "none"
    sent_total = 0
    open_channels: list[str] = []

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.slots = asyncio.Semaphore(8)
        self.buffer: queue.Queue[Delivery] = queue.Queue()  # expect: DUR131

    async def __aenter__(self) -> Self:
        await self.warm_up()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        Channel.open_channels.append(self.name)  # expect: DUR141
        while not self.buffer.empty():
            self.deliveries.append(self.buffer.get())  # expect: DUR102

    async def warm_up(self) -> None:
        return None

    @abstractmethod
    async def deliver(self, user: str, subject: str, body: str) -> str: ...

    async def send(self, user: str, subject: str, body: str) -> Delivery:
        async with self.slots:
            ref = await self.deliver(user, subject, body)
        delivery = Delivery(user, self.name, f"{campaign.get('-')}:{ref}")
        self.buffer.put_nowait(delivery)
        type(self).count_up()
        return delivery

    @classmethod
    def count_up(cls) -> None:
        Channel.sent_total += 1  # expect: DUR141


class BackgroundSender(threading.Thread):
    """For the legacy cron jobs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.inbox: queue.Queue[str] = queue.Queue()

    def run(self) -> None:
        while True:
            print(self.inbox.get())
