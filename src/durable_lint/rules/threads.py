"""DUR131: other threads, processes and event loops, whose turns history does not hold."""

from typing import ClassVar, Final

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["Threads"]

_NAMED: Final[dict[str, str]] = {
    "threading.Lock": "use `asyncio.Lock()`",
    "threading.RLock": "use `asyncio.Lock()`",
    "threading.Event": "use `asyncio.Event()`",
    "threading.Condition": "use `asyncio.Condition()`",
    "threading.Semaphore": "use `asyncio.Semaphore(...)`",
    "threading.BoundedSemaphore": "use `asyncio.BoundedSemaphore(...)`",
    "threading.Barrier": "use `asyncio.Barrier(...)`",
    "threading.Timer": "use `asyncio.create_task(...)` with `asyncio.sleep(...)`",
    "queue.Queue": "use `asyncio.Queue()`",
    "queue.SimpleQueue": "use `asyncio.Queue()`",
    "queue.LifoQueue": "use `asyncio.LifoQueue()`",
    "queue.PriorityQueue": "use `asyncio.PriorityQueue()`",
    "asyncio.run": "await the coroutine",
    "asyncio.Runner": "await the coroutine",
    "asyncio.Runner.run": "await the coroutine",
    "asyncio.AbstractEventLoop.run_until_complete": "await the coroutine",
    "asyncio.new_event_loop": "use the running loop",
}
"""What asyncio, and so an orchestrator, has for it."""


class Threads(VocabularyRule):
    code = "DUR131"
    category = "threading"
    summary = "threads, executors, other processes or other event loops"
    harm = (
        "leaves the orchestrator's loop, and no history says in which order its threads take turns"
    )
    explanation = """\
An orchestrator is deterministic because one loop runs it, step by step, in an order that the
history fixes. A thread takes its turn when the operating system lets it; its result arrives
before or after another one as it happens, and a replay in which it comes the other way asks for
other things. The runtime refuses most of it with `NotDurableError`.

What is to run at the same time needs no thread here: `asyncio.create_task`, `asyncio.TaskGroup`
and `asyncio.gather` over activities run them on as many workers as there are. A function that
blocks or computes for long is a plain `def` activity, which runs in a thread of a worker.
Locks, queues and events of asyncio take the place of those of `threading` and `queue`.

`asyncio.run` inside of a running loop is an error in any case: await the coroutine.
"""
    before = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def analyse(images: list[str]) -> list[str]:
    return [await asyncio.to_thread(detect, image) for image in images]
"""
    after = """\
import asyncio

import durable_async


@durable_async.activity
def detect_in(image: str) -> str:  # a plain def runs in a thread
    return detect(image)


@durable_async.orchestrator
async def analyse(images: list[str]) -> list[str]:
    return list(await asyncio.gather(*[detect_in(image) for image in images]))
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Tasks of asyncio run side by side, durably.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def crawl(url: str) -> str: ...


            @da.orchestrator
            async def crawl_all(urls: list[str]) -> list[str]:
                limit = asyncio.Semaphore(10)

                async def one(url: str) -> str:
                    async with limit:
                        return await crawl(url)

                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(one(url)) for url in urls]
                return [task.result() for task in tasks]
            """,
        ),
        Example(
            "A plain def activity runs in a thread of the worker.",
            """
            from concurrent.futures import ThreadPoolExecutor

            import durable_async as da


            def checksum(path: str) -> int:
                return len(path)


            @da.activity
            def checksums(paths: list[str]) -> list[int]:
                with ThreadPoolExecutor(max_workers=4) as pool:
                    return list(pool.map(checksum, paths))


            @da.orchestrator
            async def verify(paths: list[str]) -> int:
                return sum(await checksums(paths))
            """,
        ),
        Example(
            "asyncio's own locks and queues.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def write(row: str) -> None: ...


            @da.orchestrator
            async def load(rows: list[str]) -> None:
                lock = asyncio.Lock()
                queue: asyncio.Queue[str] = asyncio.Queue()
                for row in rows:
                    await queue.put(row)
                while not queue.empty():
                    async with lock:
                        await write(await queue.get())
            """,
        ),
        Example(
            "A lock that is only named in an annotation.",
            """
            from __future__ import annotations

            import threading
            from typing import Optional

            import durable_async as da


            class Settings:
                lock: Optional[threading.Lock] = None

                def retries(self) -> int:
                    return 3


            @da.activity
            async def send(to: str, retries: int) -> None: ...


            @da.orchestrator
            async def notify(to: str) -> None:
                await send(to, Settings().retries())
            """,
        ),
        Example(
            "The program that hosts the worker may use threads.",
            """
            import asyncio
            import threading

            import durable_async as da


            @da.activity
            async def step(name: str) -> None: ...


            @da.orchestrator
            async def job(name: str) -> None:
                await step(name)


            async def serve() -> None:
                async with da.Client() as client:
                    await da.Worker(client, [job, step]).run()


            def start() -> threading.Thread:
                thread = threading.Thread(target=lambda: asyncio.run(serve()))
                thread.start()
                return thread
            """,
        ),
        Example(
            "Names that only sound like threads.",
            """
            import asyncio

            import durable_async as da


            class Pool:
                def __init__(self, names: list[str]) -> None:
                    self.names = names

                def submit(self, name: str) -> None:
                    self.names.append(name)

                async def run(self) -> None:
                    await asyncio.wait([asyncio.create_task(swim(name)) for name in self.names])


            @da.activity
            async def swim(name: str) -> None: ...


            @da.orchestrator
            async def lesson(names: list[str]) -> None:
                pool = Pool([])
                for name in names:
                    pool.submit(name)
                await pool.run()
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "to_thread leaves the loop.",
            """
            import asyncio

            import durable_async as da


            def word_count(text: str) -> int:
                return len(text.split())


            @da.activity
            async def download(url: str) -> str: ...


            @da.orchestrator
            async def count(url: str) -> int:
                text = await download(url)
                return await asyncio.to_thread(word_count, text)  # DUR131
            """,
        ),
        Example(
            "An executor, in a helper of another module.",
            """
            # file: parallel.py
            from collections.abc import Callable
            from concurrent.futures import ThreadPoolExecutor


            class Parallel:
                def __init__(self, size: int) -> None:
                    self.pool = ThreadPoolExecutor(max_workers=size)  # DUR131

                def map(self, function: Callable[[int], int], numbers: list[int]) -> list[int]:
                    return list(self.pool.map(function, numbers))

            # file: flows.py
            import durable_async as da

            from parallel import Parallel


            @da.activity
            async def save(numbers: list[int]) -> None: ...


            def square(number: int) -> int:
                return number * number


            @da.orchestrator
            async def squares(numbers: list[int]) -> None:
                await save(Parallel(4).map(square, numbers))
            """,
        ),
        Example(
            "run_in_executor of the running loop.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def fetch(name: str) -> bytes: ...


            def unpack(data: bytes) -> list[int]:
                return list(data)


            @da.orchestrator
            async def read(name: str) -> list[int]:
                loop = asyncio.get_running_loop()
                data = await fetch(name)
                return await loop.run_in_executor(None, unpack, data)  # DUR131
            """,
        ),
        Example(
            "A lock of threading guards against nobody here.",
            """
            import threading

            import durable_async as da


            class Budget:
                def __init__(self, cents: int) -> None:
                    self.cents = cents
                    self.lock = threading.Lock()  # DUR131

                def spend(self, cents: int) -> bool:
                    with self.lock:
                        self.cents -= cents
                    return self.cents >= 0


            @da.activity
            async def buy(item: str) -> int: ...


            @da.orchestrator
            async def shop(items: list[str]) -> bool:
                budget = Budget(10_000)
                return all([budget.spend(await buy(item)) for item in items])
            """,
        ),
        Example(
            "A thread in the background writes when it likes.",
            """
            from threading import Thread

            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            def report(orders: list[str]) -> None:
                orders.append("reported")


            @da.orchestrator
            async def bill(orders: list[str]) -> int:
                Thread(target=report, args=(orders,)).start()  # DUR131
                for order in list(orders):
                    await charge(order)
                return len(orders)
            """,
        ),
        Example(
            "A loop of one's own inside of the running one.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def rate(currency: str) -> float: ...


            async def rates(currencies: list[str]) -> list[float]:
                return [await rate(currency) for currency in currencies]


            def rates_now(currencies: list[str]) -> list[float]:
                return asyncio.run(rates(currencies))  # DUR131


            @da.orchestrator
            async def convert(cents: int, currencies: list[str]) -> list[float]:
                return [cents * rate for rate in rates_now(currencies)]
            """,
        ),
        Example(
            "Processes, and queues between threads.",
            """
            import multiprocessing
            import queue

            import durable_async as da


            @da.activity
            async def enqueue(name: str) -> None: ...


            def squares(sizes: list[int]) -> list[int]:
                return [size * size for size in sizes]


            @da.orchestrator
            async def plan(sizes: list[int]) -> None:
                waiting: queue.Queue[str] = queue.Queue()  # DUR131
                child = multiprocessing.Process(target=squares, args=(sizes,))  # DUR131
                await enqueue(f"{child.name} {len(sizes)} {waiting.maxsize}")
            """,
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        return (
            _NAMED.get(seen.name)
            or self.known_advice(seen)
            or f"use `asyncio.create_task(...)`; what blocks or computes: {words.activity}"
        )
