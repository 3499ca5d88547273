"""Waiting for things, in all the wrong ways."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from concurrent import futures


class Gate:
    """Opens when the theatre is clean; thread based."""

    def __init__(self) -> None:
        self._open = threading.Event()  # expect: DUR131

    def wait(self, seconds: float) -> bool:
        return self._open.wait(seconds)  # expect: DUR102


class DurableGate:
    def __init__(self) -> None:
        self._open = asyncio.Event()

    def set(self) -> None:
        self._open.set()

    async def wait(self) -> bool:
        return await self._open.wait()


class Inbox:
    def __init__(self, source: "queue.Queue[str]", quiet: "asyncio.Queue[str]") -> None:
        self.source = source
        self.quiet = quiet

    def next(self) -> str:
        return self.source.get()  # expect: DUR102

    async def next_quiet(self) -> str:
        return await self.quiet.get()


def result_of(future: "futures.Future[str]") -> str:
    return future.result(timeout=3)


def result_of_task(task: "asyncio.Task[str]") -> str:
    return task.result()


def backoff(attempt: int) -> None:
    time.sleep(2**attempt)  # expect: DUR102


async def backoff_durably(attempt: int) -> None:
    await asyncio.sleep(2**attempt)


def make_inbox() -> Inbox:
    return Inbox(queue.Queue(), asyncio.Queue())  # expect: DUR131
