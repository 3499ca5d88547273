"""Corners of asyncio: this loop, other loops, and sets that asyncio hands out."""

from __future__ import annotations

import asyncio

import durable_async as da


@da.activity
async def send(name: str) -> str:
    return name + str(len([task for task in asyncio.all_tasks()]))


async def helper(name: str) -> str:
    return await send(name)


def own_time() -> float:
    return asyncio.get_running_loop().time() + asyncio.get_event_loop().time()


def other_time() -> float:
    loop = asyncio.new_event_loop()  # expect: DUR131
    return loop.time()  # expect: DUR101


def threadsafe(name: str, loop: asyncio.AbstractEventLoop) -> object:
    return asyncio.run_coroutine_threadsafe(helper(name), loop)  # expect: DUR131


async def cancel_others() -> None:
    current = asyncio.current_task()
    for task in asyncio.all_tasks():  # expect: DUR134
        if task is not current:
            task.cancel()
            await asyncio.sleep(0)


async def wait_for_groups(names: list[str]) -> int:
    first = asyncio.gather(*[send(name) for name in names])
    done, _ = await asyncio.wait([first])  # expect: DUR134
    return len(done)


async def wait_for_tasks(names: list[str]) -> list[str]:
    tasks = {asyncio.create_task(send(name)) for name in names}
    results = []
    while tasks:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            results.append(task.result())
    return results


async def in_order_of_completion(names: list[str]) -> list[str]:
    return [await future for future in asyncio.as_completed([send(name) for name in names])]


async def coroutines_in_order(names: set[str]) -> list[str]:
    return list(await asyncio.gather(*[helper(name) for name in sorted(names)]))


async def coroutines_in_set(names: list[str]) -> list[str]:
    return list(await asyncio.gather(*{helper(name) for name in names}))  # expect: DUR134


async def timers(name: str) -> str:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()
    loop.call_at(loop.time() + 3, future.set_result, name)
    async with asyncio.timeout_at(loop.time() + 10):
        return await future


def blocking(name: str) -> str:
    return asyncio.run(helper(name))
