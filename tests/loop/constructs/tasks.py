"""Tasks: created, named, awaited, left behind."""

import asyncio
import types
from collections.abc import Generator
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def tasks_start_in_order_of_creation(steps: Steps) -> Any:
    async def work(number: int) -> int:
        steps.note("begins", number)
        value = await steps.act(number)
        steps.note("ends", number)
        return value

    created = [asyncio.create_task(work(number)) for number in range(5)]
    steps.note("created")
    return [await task for task in created]


@construct()
async def a_task_runs_on_while_another_is_awaited(steps: Steps) -> Any:
    slow = asyncio.create_task(steps.act(10, takes=5))
    quick = await steps.act(1, takes=1)
    steps.note("quick", quick, slow.done())
    return [quick, await slow, steps.now()]


@construct()
async def a_task_is_awaited_twice(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(4))
    return [await task, await task, task.result()]


@construct()
async def two_tasks_await_a_third(steps: Steps) -> Any:
    shared = asyncio.create_task(steps.act(7, takes=1))

    async def reader(name: str) -> int:
        value = await shared
        steps.note(name, value)
        return value

    return await asyncio.gather(reader("a"), reader("b"))


@construct()
async def a_task_has_the_name_it_was_given(steps: Steps) -> Any:
    async def name() -> str:
        task = asyncio.current_task()
        assert task is not None
        await steps.act(1)
        return task.get_name()

    named = asyncio.create_task(name(), name="billing")
    renamed = asyncio.create_task(name(), name="old")
    renamed.set_name("new")
    return [await named, await renamed, named.get_name()]


@construct()
async def unnamed_tasks_are_numbered(steps: Steps) -> Any:
    created = [asyncio.create_task(steps.act(number)) for number in range(3)]
    numbers = [int(task.get_name().removeprefix("Task-")) for task in created]
    await asyncio.gather(*created)
    return [number - numbers[0] for number in numbers]


@construct()
async def all_tasks_knows_the_living(steps: Steps) -> Any:
    created = {asyncio.create_task(steps.act(number), name=str(number)) for number in range(4)}
    steps.note(len(asyncio.all_tasks()))
    await asyncio.gather(*created)
    living = asyncio.all_tasks()
    return [len(living), asyncio.current_task() in living]


@construct()
async def an_exception_waits_in_its_task(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1, fails=True))
    await steps.act(2, takes=1)
    error = task.exception()
    return [task.done(), type(error).__name__, str(error)]


@construct()
async def a_task_raises_where_it_is_awaited(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(3, fails=True))
    try:
        await task
    except Declined as error:
        return ["declined", str(error), task.exception() is error]


@construct()
async def a_chain_of_tasks_each_awaiting_the_next(steps: Steps) -> Any:
    async def link(depth: int) -> int:
        if depth == 0:
            return await steps.act(0)
        return await asyncio.create_task(link(depth - 1)) + 1

    return await link(30)


@construct()
async def a_deep_chain_of_awaits(steps: Steps) -> Any:
    async def descend(depth: int) -> int:
        if depth == 0:
            return await steps.act(0)
        return await descend(depth - 1) + 1

    return await descend(150)


@construct()
async def a_task_makes_tasks_that_make_tasks(steps: Steps) -> Any:
    async def tree(depth: int) -> int:
        if depth == 0:
            return await steps.act(depth)
        branches = [asyncio.create_task(tree(depth - 1)) for _ in range(2)]
        return sum([await branch for branch in branches])

    return await tree(4)


@construct()
async def a_task_left_running_is_cancelled_at_the_end(steps: Steps) -> Any:
    async def background() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            steps.note("cancelled", steps.now())
            raise

    leftover = asyncio.create_task(background())
    await steps.act(1)
    return leftover.done()


@construct()
async def a_task_left_running_cleans_up_durably(steps: Steps) -> Any:
    async def background() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            steps.note("undo", await steps.act(40, takes=2))
            steps.note("undone", steps.now())

    asyncio.create_task(background())
    await steps.act(1)
    return "main is done"


@construct(ordered=False)
async def several_tasks_left_running(steps: Steps) -> Any:
    async def background(number: int) -> None:
        try:
            await steps.event(f"never-{number}")
        finally:
            steps.note("closing", number)
            await steps.act(number)
            steps.note("closed", number)

    for number in range(4):
        asyncio.create_task(background(number))
    return await steps.act(1)


@construct()
async def the_loser_of_a_race_holds_nothing_open(steps: Steps) -> Any:
    winner = asyncio.create_task(steps.act(1, takes=1))
    loser = asyncio.create_task(asyncio.sleep(86_400))
    await asyncio.wait([winner, loser], return_when=asyncio.FIRST_COMPLETED)
    return [winner.result(), loser.done(), steps.now()]


@construct()
async def an_awaitable_of_ones_own(steps: Steps) -> Any:
    class Order:
        def __init__(self, number: int) -> None:
            self.number = number

        def __await__(self) -> Generator[Any, None, int]:
            return steps.act(self.number).__await__()

    wrapped = asyncio.ensure_future(Order(5))
    return [await Order(1), await wrapped, asyncio.isfuture(wrapped)]


@construct()
async def a_generator_based_coroutine_yields(steps: Steps) -> Any:
    @types.coroutine
    def three_turns() -> Generator[None, None, str]:
        for turn in range(3):
            steps.note("turn", turn)
            yield
        return "turned"

    other = asyncio.create_task(steps.act(1))
    return [await three_turns(), await other]


@construct()
async def a_task_cannot_await_itself(steps: Steps) -> Any:
    async def snake() -> str:
        await steps.act(1)
        try:
            await asyncio.current_task()
        except RuntimeError as error:
            return type(error).__name__
        return "no error"

    return await asyncio.create_task(snake())


@construct(ordered=False)
async def a_set_of_tasks_is_iterated(steps: Steps) -> Any:
    async def work(number: int) -> int:
        value = await steps.act(number)
        steps.note(number, value)
        return value

    waiting = {asyncio.create_task(work(number)) for number in range(12)}
    values = []
    for task in waiting:
        value = await task
        steps.note("collected", value)
        values.append(await steps.act(value))
    return sorted(values)


@construct()
async def background_tasks_kept_in_a_set(steps: Steps) -> Any:
    running: set[asyncio.Task[int]] = set()
    for number in range(5):
        task = asyncio.create_task(steps.act(number, takes=number))
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(lambda task: steps.note("done", task.result()))
    while running:
        steps.note(len(running))
        await asyncio.sleep(1.5)
    return steps.now()


@construct()
async def a_task_nobody_keeps_is_not_lost(steps: Steps) -> Any:
    arrived = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(1)
        steps.note("still here", await steps.act(1))
        arrived.set()

    asyncio.create_task(work())
    await arrived.wait()
    return steps.now()


@construct(events=((1.0, "approved", True), (2.0, "order", {"cents": 250})))
async def events_reach_the_task_that_waits(steps: Steps) -> Any:
    order = asyncio.create_task(steps.event("order"))
    approved = await steps.event("approved")
    return [approved, await order, steps.now()]


@construct(events=((0.5, "item", 1), (0.5, "item", 2), (0.75, "item", 3)))
async def events_wait_for_their_reader(steps: Steps) -> Any:
    await asyncio.sleep(5)
    return [await steps.event("item") for _ in range(3)]
