from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
import time as clock
import uuid
from datetime import date, datetime, timedelta
from time import sleep as pause

import aiostream
import durable_async as da
from aiometer import run_all

from .acts import invite
from .core import announced, provide, shielded


class Calendar:
    def __init__(self, owner: str = "hr") -> None:
        self.owner = owner
        self.holds: list[str] = []

    @announced
    async def hold(self, slot: str) -> bool:
        self.holds.append(slot)
        return await invite(self.owner, slot)

    @shielded(default=False)
    async def confirm(self, slot: str) -> bool:
        return await da.wait_for_event(f"confirm:{slot}", bool)

    def settle(self) -> None:
        pause(0.25)  # expect: DUR102

    def key(self, slot: str) -> str:
        return uuid.uuid3(uuid.NAMESPACE_DNS, slot).hex

    def __hash__(self) -> int:
        return hash((1, 2))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and other.owner == self.owner


class Outlook(Calendar):
    async def hold(self, slot: str) -> bool:
        held = await super().hold(slot)
        await run_all([self._touch])  # expect: DUR132
        return held

    async def _touch(self) -> None:
        await asyncio.sleep(0)

    def settle(self) -> None:
        ready = threading.Barrier(1)  # expect: DUR131
        ready.wait(1)  # expect: DUR102


class Desk(Calendar):
    def settle(self) -> None:
        inbox: queue.Queue[str] = queue.Queue()  # expect: DUR131
        inbox.put("x")  # expect: DUR102
        self.holds.append(inbox.get())  # expect: DUR102

    def ask(self) -> str:
        return input("slot? ")  # expect: DUR102


class Rotating(Calendar):
    def settle(self) -> None:
        super().settle()
        select.select([], [], [], 0.5)  # expect: DUR102


@provide(Calendar)
def _calendar() -> Calendar:
    return Outlook(os.environ.get("HR_OWNER", "hr"))  # expect: DUR124


async def merged(*sources: str) -> list[str]:
    out: list[str] = []
    async for item in aiostream.stream.iterate(sources):  # expect: DUR132
        out.append(item)
    return out


async def drained(sources: asyncio.Queue[str]) -> list[str]:
    out: list[str] = []
    while not sources.empty():
        out.append(await sources.get())
    return out


def weeks(first: date, count: int = 4, *, today: datetime = datetime.now()) -> list[date]:
    return [first + timedelta(weeks=n) for n in range(count) if n or today]


def shown(slot: float) -> str:
    return clock.strftime("%d %b", clock.gmtime(slot))


def shown_now() -> str:
    return clock.asctime(clock.gmtime())  # expect: DUR101
