"""asyncio.Queue and its kin."""

import asyncio
from typing import Any

from tests.loop.steps import Steps, construct


@construct()
async def a_producer_and_a_consumer(steps: Steps) -> Any:
    queue: asyncio.Queue[int | None] = asyncio.Queue()

    async def produce() -> None:
        for number in range(4):
            await queue.put(await steps.act(number, takes=1))
        await queue.put(None)

    producer = asyncio.create_task(produce())
    values = []
    while (item := await queue.get()) is not None:
        values.append(item)
        steps.note(item, steps.now())
    await producer
    return values


@construct()
async def a_full_queue_holds_its_producer(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=2)

    async def produce() -> None:
        for number in range(6):
            await queue.put(number)
            steps.note("put", number, queue.full())

    producer = asyncio.create_task(produce())
    values = []
    for _ in range(6):
        values.append(await steps.act(await queue.get(), takes=1))
    await producer
    return [values, queue.empty(), queue.maxsize]


@construct()
async def workers_over_one_queue(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def worker(name: str, pace: float) -> None:
        while True:
            number = await queue.get()
            value = await steps.act(number, takes=pace)
            steps.note(name, value, steps.now())
            queue.task_done()

    for number in range(7):
        queue.put_nowait(number)
    workers = [asyncio.create_task(worker(name, pace)) for name, pace in (("a", 1), ("b", 1.75))]
    await queue.join()
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return steps.now()


@construct()
async def the_smallest_comes_first(steps: Steps) -> Any:
    queue: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()
    for priority, job in ((5, "later"), (1, "urgent"), (3, "soon")):
        await queue.put((priority, job))
    order = []
    while not queue.empty():
        priority, job = await queue.get()
        order.append([await steps.act(priority), job])
        if job == "urgent":
            await queue.put((2, "made by urgent"))
    return order


@construct()
async def the_last_comes_first(steps: Steps) -> Any:
    queue: asyncio.LifoQueue[int] = asyncio.LifoQueue()
    for number in range(3):
        await queue.put(await steps.act(number))
    return [await queue.get() for _ in range(3)]


@construct()
async def readers_are_served_in_turn(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def reader(name: str) -> None:
        for _ in range(2):
            steps.note(name, await queue.get())

    readers = [asyncio.create_task(reader(name)) for name in "abc"]
    for number in range(6):
        await steps.act(number)
        queue.put_nowait(number)
    await asyncio.gather(*readers)
    return queue.qsize()


@construct()
async def a_cancelled_reader_takes_nothing(steps: Steps) -> Any:
    queue: asyncio.Queue[str] = asyncio.Queue()
    impatient = asyncio.create_task(queue.get())
    patient = asyncio.create_task(queue.get())
    await asyncio.sleep(1)
    impatient.cancel()
    queue.put_nowait("only one")
    return [await patient, impatient.cancelled(), queue.empty()]


@construct()
async def a_cancelled_writer_puts_nothing(steps: Steps) -> Any:
    queue: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
    await queue.put("first")
    writer = asyncio.create_task(queue.put("second"))
    await asyncio.sleep(1)
    writer.cancel()
    await asyncio.wait([writer])
    return [await queue.get(), queue.empty(), writer.cancelled()]


@construct()
async def nowait_raises(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
    outcomes = []
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty:
        outcomes.append("empty")
    queue.put_nowait(await steps.act(1))
    try:
        queue.put_nowait(2)
    except asyncio.QueueFull:
        outcomes.append("full")
    try:
        queue.task_done()
        queue.task_done()
    except ValueError:
        outcomes.append("done too often")
    return outcomes


@construct()
async def get_with_a_timeout(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue()
    asyncio.get_running_loop().call_later(5, queue.put_nowait, 1)
    timeouts = 0
    while True:
        try:
            async with asyncio.timeout(2):
                return [await queue.get(), timeouts, steps.now()]
        except TimeoutError:
            timeouts += 1


@construct()
async def a_pipeline_of_queues(steps: Steps) -> Any:
    first: asyncio.Queue[int | None] = asyncio.Queue(maxsize=1)
    second: asyncio.Queue[int | None] = asyncio.Queue(maxsize=1)

    async def stage(source: Any, target: Any) -> None:
        while (item := await source.get()) is not None:
            await target.put(await steps.act(item, takes=1))
        await target.put(None)

    async def feed() -> None:
        for number in (10, 20, 30):
            await first.put(number)
        await first.put(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(feed())
        group.create_task(stage(first, second))
        values = []
        while (item := await second.get()) is not None:
            values.append(item)
            steps.note(item, steps.now())
    return values


@construct(since=(3, 13))
async def a_queue_is_shut_down(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def consume() -> list[int]:
        values = []
        try:
            while True:
                values.append(await steps.act(await queue.get()))
        except asyncio.QueueShutDown:
            steps.note("shut down", steps.now())
        return values

    consumer = asyncio.create_task(consume())
    for number in range(3):
        await queue.put(number)
    await asyncio.sleep(1)
    queue.shutdown()
    try:
        await queue.put(9)
    except asyncio.QueueShutDown:
        steps.note("refused")
    return await consumer


@construct(since=(3, 13))
async def a_queue_is_shut_down_at_once(steps: Steps) -> Any:
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
    queue.put_nowait(1)
    writer = asyncio.create_task(queue.put(2))
    joiner = asyncio.create_task(queue.join())
    await steps.act(1)
    queue.shutdown(immediate=True)
    outcomes = await asyncio.gather(writer, joiner, queue.get(), return_exceptions=True)
    return [type(outcome).__name__ for outcome in outcomes]
