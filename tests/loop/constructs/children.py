"""Children and operations of entities, inside what asyncio offers."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def children_are_gathered(steps: Steps) -> Any:
    values = await asyncio.gather(*(steps.child(n, takes=3 - n) for n in range(3)))
    return [values, steps.now()]


@construct()
async def children_and_activities_in_one_group(steps: Steps) -> Any:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(steps.child(1, takes=2)),
            group.create_task(steps.act(2, takes=1)),
            group.create_task(steps.call(3, takes=3)),
        ]
    return [[task.result() for task in tasks], steps.now()]


@construct(ordered=False)
async def a_failed_child_cancels_its_siblings(steps: Steps) -> Any:
    async def sibling(name: str, wait: Any) -> None:
        try:
            await wait
        except asyncio.CancelledError:
            steps.note(name, "cancelled", steps.now())
            raise

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(sibling("child", steps.child(1, takes=10)))
            group.create_task(sibling("call", steps.call(2, takes=10)))
            group.create_task(steps.child(3, takes=1, fails=True))
    except* Declined as errors:
        steps.note(len(errors.exceptions))
    return steps.now()


@construct()
async def a_child_takes_too_long(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(2):
            await steps.child(1, takes=60)
    except TimeoutError:
        steps.note("too long", steps.now())
    return await steps.child(2, takes=1)


@construct()
async def a_child_is_waited_for_with_a_limit(steps: Steps) -> Any:
    try:
        await asyncio.wait_for(steps.child(1, takes=60), 2)
    except TimeoutError:
        return [steps.now(), await asyncio.wait_for(steps.child(2, takes=1), 2)]


@construct()
async def a_child_outlives_its_waiter_behind_a_shield(steps: Steps) -> Any:
    child = asyncio.ensure_future(steps.child(1, takes=5))
    try:
        async with asyncio.timeout(1):
            await asyncio.shield(child)
    except TimeoutError:
        steps.note("not waited for", steps.now())
    return [await child, steps.now()]


@construct()
async def the_first_child_wins(steps: Steps) -> Any:
    tasks = [asyncio.create_task(steps.child(n, takes=5 - n)) for n in range(3)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return [[task.result() for task in done], steps.now()]


@construct()
async def children_as_they_complete(steps: Steps) -> Any:
    tasks = [asyncio.create_task(steps.child(n, takes=3 - n)) for n in range(3)]
    for finished in asyncio.as_completed(tasks):
        steps.note(await finished, steps.now())


@construct()
async def a_childs_failure_is_caught_and_another_one_tried(steps: Steps) -> Any:
    for attempt in range(3):
        try:
            return await steps.child(attempt, takes=1, fails=attempt < 2)
        except Declined as error:
            steps.note(str(error))
            await asyncio.sleep(2**attempt)
    return "given up"


@construct()
async def children_undone_by_an_exit_stack(steps: Steps) -> Any:
    try:
        async with AsyncExitStack() as stack:
            for n in range(3):
                await steps.child(n, takes=1)
                stack.push_async_callback(steps.child, 10 + n, takes=1)
            await steps.call(9, takes=1, fails=True)
    except Declined as error:
        return [str(error), steps.now()]


@construct()
async def a_pipeline_of_children(steps: Steps) -> Any:
    queue: asyncio.Queue[int | None] = asyncio.Queue(1)

    async def produce() -> None:
        for n in range(3):
            await queue.put(await steps.child(n, takes=1))
        await queue.put(None)

    async def consume() -> list[int]:
        found = []
        while (value := await queue.get()) is not None:
            found.append(await steps.call(value, takes=2))
        return found

    _, found = await asyncio.gather(produce(), consume())
    return [found, steps.now()]
