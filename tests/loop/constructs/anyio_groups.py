"""anyio: task groups, and what tasks talk to each other with."""

import math
from typing import Any

import anyio
import anyio.abc
import anyio.lowlevel
from tests.loop.steps import Declined, Steps, construct


@construct()
async def anyio_group_waits_for_all(steps: Steps) -> Any:
    values = []

    async def work(number: int) -> None:
        values.append(await steps.act(number, takes=3 - number))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(work, number)
    return [values, steps.now()]


@construct(ordered=False)
async def anyio_group_fails(steps: Steps) -> Any:
    async def sibling(number: int) -> None:
        try:
            await anyio.sleep(60)
        except anyio.get_cancelled_exc_class():
            steps.note("cancelled", number)
            raise

    async def fails() -> None:
        await steps.act(1, takes=1, fails=True)

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(sibling, 1)
            group.start_soon(fails)
            group.start_soon(sibling, 2)
    except* Declined as errors:
        steps.note(len(errors.exceptions))
    return steps.now()


@construct(ordered=False)
async def anyio_groups_nested_the_outer_fails(steps: Steps) -> Any:
    async def branch(name: str) -> None:
        async with anyio.create_task_group() as inner:
            for number in range(2):
                inner.start_soon(leaf, f"{name}{number}")

    async def leaf(name: str) -> None:
        try:
            await steps.act(1, takes=60)
        finally:
            steps.note("ends", name)

    async def fails() -> None:
        await steps.act(1, takes=1, fails=True)

    try:
        async with anyio.create_task_group() as outer:
            for name in "abc":
                outer.start_soon(branch, name)
            outer.start_soon(fails)
    except* Declined:
        steps.note("declined", steps.now())
    return steps.now()


@construct()
async def anyio_group_is_cancelled_by_its_scope(steps: Steps) -> Any:
    async def ticker() -> None:
        while True:
            await anyio.sleep(1)
            steps.note("tick", steps.now())

    async with anyio.create_task_group() as group:
        group.start_soon(ticker)
        await steps.act(1, takes=3.5)
        group.cancel_scope.cancel()
    return steps.now()


@construct()
async def anyio_group_starts_a_task_that_reports(steps: Steps) -> Any:
    async def service(*, task_status: anyio.abc.TaskStatus[int]) -> None:
        port = await steps.act(8000, takes=1)
        task_status.started(port)
        await anyio.sleep(60)
        steps.note("must not be reached")

    async with anyio.create_task_group() as group:
        port = await group.start(service)
        steps.note("started", port, steps.now())
        group.cancel_scope.cancel()
    return [port, steps.now()]


@construct()
async def anyio_group_with_a_failing_host(steps: Steps) -> Any:
    async def child() -> None:
        try:
            await anyio.sleep(60)
        finally:
            steps.note("child ends")

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(child)
            await steps.act(1, takes=1)
            raise ValueError("in the host")
    except* ValueError as errors:
        return_value = [str(error) for error in errors.exceptions]
    return return_value


@construct()
async def anyio_event(steps: Steps) -> Any:
    ready = anyio.Event()

    async def waiter(name: str) -> None:
        await ready.wait()
        steps.note(name, steps.now())

    async with anyio.create_task_group() as group:
        for name in "ab":
            group.start_soon(waiter, name)
        await steps.act(1, takes=2)
        ready.set()
    return ready.is_set()


@construct()
async def anyio_semaphore_and_limiter(steps: Steps) -> Any:
    slots = anyio.Semaphore(2)
    limiter = anyio.CapacityLimiter(1)

    async def work(number: int) -> None:
        async with slots, limiter:
            await steps.act(number, takes=1 + number / 16)
            steps.note(number, steps.now())

    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(work, number)
    return [slots.value, limiter.borrowed_tokens]


@construct()
async def anyio_lock_and_condition(steps: Steps) -> Any:
    changed = anyio.Condition()
    lock = anyio.Lock()
    stock: list[int] = []

    async def buyer(name: str) -> None:
        async with changed:
            while not stock:
                await changed.wait()
            item = stock.pop()
        async with lock:
            steps.note(name, await steps.act(item), steps.now())

    async with anyio.create_task_group() as group:
        for name in "ab":
            group.start_soon(buyer, name)
        for number in range(2):
            await anyio.sleep(1)
            async with changed:
                stock.append(number)
                changed.notify()
    return stock


@construct()
async def anyio_memory_stream(steps: Steps) -> Any:
    send, receive = anyio.create_memory_object_stream[int](1)

    async def produce() -> None:
        async with send:
            for number in range(4):
                await send.send(await steps.act(number, takes=0.5))
                steps.note("sent", number)

    values = []
    async with anyio.create_task_group() as group:
        group.start_soon(produce)
        async with receive:
            async for item in receive:
                await anyio.sleep(0.75)
                steps.note("received", item, steps.now())
                values.append(item)
    return values


@construct()
async def anyio_memory_stream_with_clones(steps: Steps) -> Any:
    send, receive = anyio.create_memory_object_stream[int](math.inf)
    values = []

    async def worker(name: str, source: Any) -> None:
        async with source:
            async for item in source:
                values.append(await steps.act(item, takes=1 + ord(name) / 1024))
                steps.note(name, item)

    async with anyio.create_task_group() as group:
        async with receive:
            for name in "ab":
                group.start_soon(worker, name, receive.clone())
        async with send:
            for number in range(5):
                await send.send(number)
    return [sorted(values), steps.now()]


@construct()
async def anyio_stream_is_closed_under_a_reader(steps: Steps) -> Any:
    send, receive = anyio.create_memory_object_stream[int]()

    async def reader() -> None:
        try:
            await receive.receive()
        except anyio.EndOfStream:
            steps.note("end of stream", steps.now())

    with send, receive:
        async with anyio.create_task_group() as group:
            group.start_soon(reader)
            await anyio.sleep(1)
            await send.aclose()
    return steps.now()


@construct()
async def anyio_sleep_and_checkpoint(steps: Steps) -> Any:
    async def other() -> None:
        steps.note("other runs")

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        await anyio.lowlevel.checkpoint()
        steps.note("after the checkpoint")
        await anyio.sleep(2)
        await anyio.sleep_until(anyio.current_time() + 3)
    return steps.now()
