"""Delivery of master files to the broadcasters."""

import asyncio
import contextlib
import queue
import select
import signal
import sys
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import anyio
import curio
import durable_async as da
from tqdm import tqdm


@da.activity(heartbeat_timeout=60)
async def push(title: str, broadcaster: str) -> bool:
    for part in tqdm(range(100)):
        da.heartbeat(part)
    return True


@da.activity
async def paid(title: str) -> str:
    return title


@dataclass
class Delivery:
    title: str
    sent: set[str] = field(default_factory=set)
    mutex: Any = field(default_factory=threading.Lock)  # expect: DUR131

    async def __aenter__(self) -> "Delivery":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # expect: DUR125
        await curio.sleep(0)  # expect: DUR132
        return self

    async def __aexit__(self, kind: Any, error: Any, tb: Any) -> None:
        with contextlib.suppress(BaseException):  # expect: DUR135
            await self._farewell()

    async def _farewell(self) -> None:
        await asyncio.gather(*{self.send(name) for name in ("ard", "zdf")})  # expect: DUR134
        sys.stdout.write(f"{self.title} delivered\n")  # expect: DUR143

    async def send(self, broadcaster: str) -> bool:
        if broadcaster in self.sent:
            return False
        self.sent.add(broadcaster)
        return await push(self.title, broadcaster)

    def summary(self) -> str:
        return f"{self.title}: {', '.join(sorted(self.sent))}"


def checksum(title: str) -> int:
    with ProcessPoolExecutor(1) as pool:  # expect: DUR131
        future: Future[int] = pool.submit(len, title)
        return future.result()  # expect: DUR102


def wait_readable(descriptors: list[int]) -> bool:
    ready, _, _ = select.select(descriptors, [], [], 1.0)  # expect: DUR102
    return bool(ready)


async def deliver_all(delivery: Delivery, broadcasters: list[str]) -> str:
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()  # expect: DUR131
    for broadcaster in broadcasters:
        inbox.put(broadcaster)
    delivery.send("archive")  # expect: DUR133
    async with anyio.create_task_group() as group:
        for broadcaster in broadcasters:
            group.start_soon(delivery.send, broadcaster)
    await anyio.sleep(checksum(delivery.title))
    await anyio.to_thread.run_sync(delivery.summary)  # expect: DUR131
    if wait_readable([0]):
        inbox.get()  # expect: DUR102
    return delivery.summary()


async def settle(title: str) -> str:
    other = asyncio.new_event_loop()  # expect: DUR131
    waiter = other.create_future()
    other.call_later(5, waiter.set_result, None)
    await waiter  # expect: DUR132
    for task in asyncio.all_tasks():  # expect: DUR134
        if task.get_name().startswith("settle"):
            task.cancel()
    mine = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(mine.set_result, title)
    return await paid(await mine)


def pause_until_signal() -> None:
    """The delivery daemon's main thread."""
    signal.pause()
    threading.Event().wait()
