"""Names of threading, without a thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from asyncio import Lock, Queue, Semaphore
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing.pool import Pool

order: ContextVar[str] = ContextVar("order", default="")
_local = threading.local()
_module_lock = threading.Lock()


class Executor:
    """Runs steps one after another."""

    def __init__(self) -> None:
        self.steps: deque[str] = deque()

    def submit(self, step: str) -> "Executor":
        self.steps.append(step)
        return self

    def map(self, steps: list[str]) -> list[str]:
        return [self.submit(step).steps[-1] for step in steps]

    def shutdown(self, wait: bool = True) -> int:
        return len(self.steps)


class Thread:
    """Of a conversation."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def start(self) -> str:
        return self.texts[0]

    def join(self) -> str:
        return " ".join(self.texts)


def failed(error: BaseException) -> bool:
    return isinstance(error, (concurrent.futures.TimeoutError, concurrent.futures.BrokenExecutor, threading.BrokenBarrierError))


def annotated(pool: ThreadPoolExecutor | None, other: Pool | None = None) -> int:
    return 0 if pool is None and other is None else 1


async def shared(texts: list[str]) -> list[str]:
    lock, gate, queue = Lock(), Semaphore(2), Queue()
    async with lock, gate:
        for text in texts:
            queue.put_nowait(text)
    return [queue.get_nowait() for _ in texts]


async def tasks(texts: list[str]) -> int:
    loop = asyncio.get_running_loop()
    task = loop.create_task(shared(texts))
    loop.call_soon(len, texts)
    await task
    return len(task.result())
