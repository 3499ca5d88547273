"""An in-process bus: subscribers run inside the flow that publishes."""

import asyncio
import queue
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Subscriber = Callable[[dict], Awaitable[None]]
SUBSCRIBERS: dict[str, list[Subscriber]] = defaultdict(list)


def subscribe(topic: str):
    def add(fn: Subscriber) -> Subscriber:
        SUBSCRIBERS[topic].append(fn)
        return fn

    return add


@dataclass
class Bus:
    topic: str
    jitter: float = 0.0
    sent: int = 0
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    _backlog: queue.Queue = field(default_factory=queue.Queue)  # expect: DUR131

    async def publish(self, message: dict) -> None:
        async with self._gate:
            await asyncio.sleep(self.jitter * random.random())  # expect: DUR111
            self.sent += 1
            self._backlog.put_nowait(message)

    async def __aenter__(self) -> "Bus":
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(30, self._tick)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._timer.cancel()
        task = asyncio.create_task(self._drain())
        task.add_done_callback(_drained)
        await task

    def _tick(self) -> None:
        print(f"{self.topic}: {self.sent}")  # expect: DUR143

    async def _drain(self) -> None:
        while not self._backlog.empty():
            message = self._backlog.get()  # expect: DUR102
            await asyncio.gather(*(fn(message) for fn in SUBSCRIBERS[self.topic]))


def _drained(task: asyncio.Task) -> None:
    print("drained", task.get_name())  # expect: DUR143
