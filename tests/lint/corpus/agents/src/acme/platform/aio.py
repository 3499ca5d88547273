"""Small asyncio helpers that asyncio itself lacks."""

import asyncio
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import aiostream
from aiobreaker import CircuitBreaker
from tenacity import retry, retry_if_exception_type, stop_after_attempt

T = TypeVar("T")
breaker = CircuitBreaker(fail_max=5)
_pool: ThreadPoolExecutor | None = None


async def map_bounded(fn: Callable[[Any], Awaitable[T]], items: Iterable[Any], limit: int) -> list[T]:
    gate = asyncio.Semaphore(limit)

    async def one(item: Any) -> T:
        async with gate:
            return await fn(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]


async def first_result(*options: Awaitable[T]) -> T:
    tasks = {asyncio.ensure_future(option) for option in options}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return next(iter(done)).result()


async def with_backoff(fn: Callable[[], Awaitable[T]], attempts: int = 4) -> T:
    for attempt in range(attempts):
        try:
            return await fn()
        except ConnectionError:
            if attempt == attempts - 1:
                raise
            await asyncio.sleep(2**attempt * random.uniform(0.8, 1.2))  # expect: DUR111
    raise AssertionError("unreachable")


async def in_background(fn: Callable[..., T], *args: Any) -> T:
    return await asyncio.to_thread(fn, *args)  # expect: DUR131


async def pooled(fn: Callable[..., T], *args: Any) -> T:
    """For web handlers."""
    global _pool
    _pool = _pool or ThreadPoolExecutor(4)
    return await asyncio.get_running_loop().run_in_executor(_pool, fn, *args)


async def merged(*sources: AsyncIterator[T]) -> AsyncIterator[T]:
    combined = aiostream.stream.merge(*sources)
    async for item in aiostream.streamcontext(combined):  # expect: DUR132
        yield item


async def interleaved(*sources: AsyncIterator[T]) -> AsyncIterator[T]:
    queue: asyncio.Queue[Any] = asyncio.Queue()
    end = object()

    async def pump(source: AsyncIterator[T]) -> None:
        async for item in source:
            await queue.put(item)
        await queue.put(end)

    pumps = [asyncio.create_task(pump(source)) for source in sources]
    running = len(pumps)
    while running:
        item = await queue.get()
        if item is end:
            running -= 1
        else:
            yield item


async def protected(fn: Callable[[], Awaitable[T]]) -> T:
    return await breaker.call_async(fn)  # expect: DUR132


def resolve(value: Any) -> Any:
    return value() if inspect.isfunction(value) else value


@retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(OSError))
def read_again(path: str) -> str:
    with open(path) as source:
        return source.read()
