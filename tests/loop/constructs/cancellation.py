"""Cancellation, at every kind of await."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from tests.loop.steps import Steps, construct


async def _cancelled_at(steps: Steps, wait: Callable[[], Awaitable[Any]]) -> Any:
    """Cancel a task that waits for `wait()`, after one second, and say how it went."""

    async def body() -> None:
        steps.note("waits")
        try:
            await wait()
        except asyncio.CancelledError as error:
            steps.note("CancelledError", list(error.args), steps.now())
            await steps.act(1, takes=1)
            raise

    task = asyncio.create_task(body())
    await asyncio.sleep(1)
    task.cancel("enough")
    outcome = (await asyncio.gather(task, return_exceptions=True))[0]
    return [type(outcome).__name__, task.cancelled(), task.cancelling(), steps.now()]


@construct()
async def cancelled_in_an_activity(steps: Steps) -> Any:
    return await _cancelled_at(steps, lambda: steps.act(1, takes=50))


@construct()
async def cancelled_in_an_event_wait(steps: Steps) -> Any:
    return await _cancelled_at(steps, lambda: steps.event("never"))


@construct()
async def cancelled_in_a_sleep(steps: Steps) -> Any:
    return await _cancelled_at(steps, lambda: asyncio.sleep(50))


@construct()
async def cancelled_in_a_future(steps: Steps) -> Any:
    return await _cancelled_at(steps, asyncio.get_running_loop().create_future)


@construct()
async def cancelled_in_a_gather(steps: Steps) -> Any:
    return await _cancelled_at(
        steps, lambda: asyncio.gather(steps.act(1, takes=50), asyncio.sleep(60))
    )


@construct()
async def cancelled_in_a_wait(steps: Steps) -> Any:
    tasks = [asyncio.create_task(steps.act(1, takes=5))]
    result = await _cancelled_at(steps, lambda: asyncio.wait(tasks))
    return [result, await tasks[0]]


@construct()
async def cancelled_in_a_wait_for(steps: Steps) -> Any:
    return await _cancelled_at(steps, lambda: asyncio.wait_for(steps.act(1, takes=50), 40))


@construct()
async def cancelled_in_as_completed(steps: Steps) -> Any:
    async def wait() -> None:
        tasks = [asyncio.create_task(steps.act(number, takes=50)) for number in range(2)]
        for finished in asyncio.as_completed(tasks):
            await finished

    return await _cancelled_at(steps, wait)


@construct()
async def cancelled_in_a_group(steps: Steps) -> Any:
    async def wait() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(steps.act(1, takes=50))
            group.create_task(asyncio.sleep(60))

    return await _cancelled_at(steps, wait)


@construct()
async def cancelled_in_a_timeout(steps: Steps) -> Any:
    async def wait() -> None:
        async with asyncio.timeout(40):
            await steps.act(1, takes=50)

    return await _cancelled_at(steps, wait)


@construct()
async def cancelled_in_a_lock(steps: Steps) -> Any:
    lock = asyncio.Lock()
    await lock.acquire()
    return [await _cancelled_at(steps, lock.acquire), lock.locked()]


@construct()
async def cancelled_in_a_queue(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue()
    return await _cancelled_at(steps, queue.get)


@construct()
async def cancelled_in_an_async_generator(steps: Steps) -> Any:
    async def ticks() -> Any:
        try:
            while True:
                await asyncio.sleep(0.4)
                yield steps.now()
        finally:
            steps.note("generator closes")

    async def wait() -> None:
        async for tick in ticks():
            steps.note("tick", tick)

    return await _cancelled_at(steps, wait)


@construct()
async def cancelled_in_another_task(steps: Steps) -> Any:
    inner = asyncio.create_task(steps.act(1, takes=50))
    result = await _cancelled_at(steps, lambda: inner)
    return [result, inner.cancelled()]


@construct()
async def cancelled_before_it_begins(steps: Steps) -> Any:
    async def never() -> None:
        steps.note("must not run")

    task = asyncio.create_task(never())
    task.cancel("too early")
    try:
        await task
    except asyncio.CancelledError as error:
        return list(error.args)


@construct()
async def a_cancellation_is_swallowed(steps: Steps) -> Any:
    async def stubborn() -> list[Any]:
        task = asyncio.current_task()
        assert task is not None
        for _ in range(3):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(50)
        return [await steps.act(1), task.cancelling()]

    task = asyncio.create_task(stubborn())
    for _ in range(3):
        await asyncio.sleep(1)
        task.cancel()
    return [await task, task.cancelled(), steps.now()]


@construct()
async def a_cancellation_is_taken_back(steps: Steps) -> Any:
    async def forgiving() -> list[Any]:
        task = asyncio.current_task()
        assert task is not None
        counts = []
        try:
            await asyncio.sleep(50)
        except asyncio.CancelledError:
            counts.append(task.cancelling())
            counts.append(task.uncancel())
        async with asyncio.timeout(1):
            await asyncio.sleep(0.5)
        return counts

    task = asyncio.create_task(forgiving())
    await asyncio.sleep(1)
    steps.note(task.cancel())
    return [await task, task.cancelling(), steps.now()]


@construct()
async def a_task_is_cancelled_twice(steps: Steps) -> Any:
    async def careful() -> None:
        try:
            await asyncio.sleep(50)
        finally:
            try:
                await asyncio.sleep(50)
            finally:
                steps.note("at last", steps.now())

    task = asyncio.create_task(careful())
    for message in ("first", "second"):
        await asyncio.sleep(1)
        task.cancel(message)
    try:
        await task
    except asyncio.CancelledError as error:
        return [list(error.args), task.cancelling()]


@construct()
async def a_finished_task_cannot_be_cancelled(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1))
    await task
    return [task.cancel(), task.cancelled(), task.result()]


@construct()
async def the_main_task_cancels_itself(steps: Steps) -> Any:
    task = asyncio.current_task()
    assert task is not None
    task.cancel("by myself")
    try:
        await steps.act(1)
    except asyncio.CancelledError as error:
        steps.note(list(error.args), task.uncancel())
    return await steps.act(2)


@construct()
async def a_cancel_message_travels(steps: Steps) -> Any:
    async def inner() -> None:
        await steps.act(1, takes=50)

    async def outer() -> None:
        await asyncio.create_task(inner())

    task = asyncio.create_task(outer())
    await asyncio.sleep(1)
    task.cancel("because of X")
    try:
        await task
    except asyncio.CancelledError as error:
        return list(error.args)


@construct()
async def cancelled_just_as_the_result_comes(steps: Steps) -> Any:
    async def reader() -> Any:
        try:
            return await reply
        except asyncio.CancelledError:
            steps.note("cancelled", reply.result())
            raise

    loop = asyncio.get_running_loop()
    reply: asyncio.Future[str] = loop.create_future()
    task = asyncio.create_task(reader())
    await steps.act(1)
    reply.set_result("too late")
    task.cancel()
    outcome = (await asyncio.gather(task, return_exceptions=True))[0]
    return [type(outcome).__name__, task.cancelled()]


@construct(ordered=False)
async def many_are_cancelled_at_once(steps: Steps) -> Any:
    async def work(number: int) -> None:
        try:
            await steps.act(number, takes=50)
        finally:
            steps.note("undo", number)
            await steps.act(number)

    tasks = {asyncio.create_task(work(number)) for number in range(10)}
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return all(task.cancelled() for task in tasks)


@construct()
async def a_cancelled_activity_is_asked_for_again(steps: Steps) -> Any:
    for attempt in range(4):
        task = asyncio.create_task(steps.act(attempt, takes=4 - attempt))
        done, _ = await asyncio.wait([task], timeout=2.5)
        if done:
            return [task.result(), attempt, steps.now()]
        task.cancel()
        steps.note("again", steps.now())
    return "never"


@construct(events=((5.0, "order", "o-1"),))
async def a_cancelled_event_wait_swallows_nothing(steps: Steps) -> Any:
    first = asyncio.create_task(steps.event("order"))
    second = asyncio.create_task(steps.event("order"))
    await asyncio.sleep(1)
    if first.cancel():
        return [await second, first.cancelled(), steps.now()]
    return [await first, second.cancel(), steps.now()]
