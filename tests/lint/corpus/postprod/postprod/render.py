from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from functools import partial, singledispatch, singledispatchmethod
from typing import Any

import click
import durable_async as da

from .acts import mail, transcode
from .media import Clip

Job = Callable[[], Coroutine[Any, Any, str]]


class Farm:
    queue: deque[str] = deque()
    slots = 4

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def __iadd__(self, job: Job) -> Farm:
        self.jobs.append(job)
        return self

    def __matmul__(self, clip: Clip) -> Farm:
        self.queue.append(clip.name)  # expect: DUR141
        return self

    async def __aenter__(self) -> Farm:
        if os.cpu_count() == self.slots:  # expect: DUR125
            self.jobs.clear()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.jobs.clear()

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        for job in self.jobs:
            yield await job()

    def __await__(self):
        return asyncio.gather(*(job() for job in self.jobs)).__await__()


@singledispatch
def describe(item: object) -> str:
    return repr(item)


@describe.register
def _(item: Clip) -> str:
    click.echo(item.name)  # expect: DUR143
    return item.name


@describe.register
def _(item: int) -> str:
    return f"{item:,}"


class Reporter:
    @singledispatchmethod
    async def report(self, item: Any) -> None:
        await mail("lab", describe(item))

    @report.register
    async def _(self, item: list) -> None:
        mail("lab", f"{len(item)} items")  # expect: DUR133


def proxy(clip: Clip, codec: str = "prores") -> Job:
    async def job() -> str:
        return await transcode(clip.name, codec)

    return job


def proxies(clips: list[Clip]) -> list[Job]:
    return [partial(transcode, clip.name, "dnxhd") for clip in clips]


async def by_thread(clip: Clip) -> str:
    return await asyncio.to_thread(clip.sorted_label)  # expect: DUR131


async def guarded(clip: Clip) -> str:
    lock = asyncio.Lock()
    async with lock:
        return await transcode(clip.name, "h264")


def guarded_name(clip: Clip) -> str:
    with threading.RLock():  # expect: DUR131
        return clip.name


async def poll(film: str) -> None:
    while True:
        if await da.wait_for_event(f"poll:{film}", bool):
            return
        await da.sleep(60)


async def heartbeat(film: str) -> None:
    while True:  # expect: DUR151
        await asyncio.sleep(3600)
        for word in ("still", "alive"):
            if film == word:
                break
