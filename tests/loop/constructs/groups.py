"""asyncio.TaskGroup."""

import asyncio
from typing import Any

from tests.loop.steps import Declined, Steps, construct


def _leaves(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for member in error.exceptions for leaf in _leaves(member)]
    return [f"{type(error).__name__}: {error}"]


@construct()
async def a_group_waits_for_all(steps: Steps) -> Any:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(steps.act(n, takes=3 - n)) for n in range(3)]
    return [[task.result() for task in tasks], steps.now()]


@construct()
async def an_empty_group(steps: Steps) -> Any:
    async with asyncio.TaskGroup():
        steps.note("inside")
    return steps.now()


@construct()
async def a_failure_cancels_the_siblings(steps: Steps) -> Any:
    async def sibling() -> None:
        try:
            await steps.act(1, takes=10)
        except asyncio.CancelledError:
            steps.note("sibling cancelled", steps.now())
            raise

    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sibling())
            group.create_task(steps.act(2, takes=1, fails=True))
    except* Declined as errors:
        steps.note(_leaves(errors))
    return [task.cancelled(), steps.now()]


@construct()
async def several_failures_make_one_group(steps: Steps) -> Any:
    async def fails_in_clean_up() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise LookupError("while cleaning up")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails_in_clean_up())
            group.create_task(steps.act(1, takes=1, fails=True))
    except BaseExceptionGroup as errors:
        return sorted(_leaves(errors))


@construct()
async def a_failing_body_cancels_the_tasks(steps: Steps) -> Any:
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(steps.act(1, takes=10))
            await asyncio.sleep(1)
            raise ValueError("in the body")
    except* ValueError as errors:
        steps.note(_leaves(errors))
    return [task.cancelled(), steps.now()]


@construct()
async def nested_groups_the_inner_one_fails(steps: Steps) -> Any:
    outcome: list[Any] = []
    async with asyncio.TaskGroup() as outer:
        kept = outer.create_task(steps.act(1, takes=5))
        try:
            async with asyncio.TaskGroup() as inner:
                inner.create_task(steps.act(2, takes=1, fails=True))
                inner.create_task(steps.act(3, takes=10))
        except* Declined as errors:
            outcome = [*_leaves(errors), steps.now()]
    return [outcome, kept.result(), steps.now()]


@construct(ordered=False)
async def nested_groups_the_outer_one_fails(steps: Steps) -> Any:
    async def branch() -> None:
        async with asyncio.TaskGroup() as inner:
            inner.create_task(leaf("a"))
            inner.create_task(leaf("b"))

    async def leaf(name: str) -> None:
        try:
            await steps.act(1, takes=60)
        except asyncio.CancelledError:
            steps.note("cancelled", name)
            raise

    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(branch())
            outer.create_task(steps.act(2, takes=1, fails=True))
    except* Declined as errors:
        steps.note(_leaves(errors))
    return steps.now()


@construct()
async def groups_three_deep_each_with_a_failure(steps: Steps) -> Any:
    async def level(depth: int) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(steps.act(depth, takes=4 - depth, fails=True))
            if depth < 3:
                group.create_task(level(depth + 1))

    try:
        await level(1)
    except* Declined as errors:
        steps.note(_leaves(errors))
    return steps.now()


@construct()
async def a_child_that_is_cancelled_harms_nobody(steps: Steps) -> Any:
    async with asyncio.TaskGroup() as group:
        victim = group.create_task(steps.act(1, takes=10))
        other = group.create_task(steps.act(2, takes=2))
        await asyncio.sleep(1)
        victim.cancel()
    return [victim.cancelled(), other.result(), steps.now()]


@construct(ordered=False)
async def a_group_is_cancelled_from_outside(steps: Steps) -> Any:
    async def family() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(child(number))

    async def child(number: int) -> None:
        try:
            await steps.act(number, takes=20)
        finally:
            steps.note("child ends", number)

    task = asyncio.create_task(family())
    await asyncio.sleep(2)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return [task.cancelled(), task.cancelling(), steps.now()]


@construct()
async def a_child_starts_its_sibling(steps: Steps) -> Any:
    values = []

    async def work(depth: int) -> None:
        values.append(await steps.act(depth, takes=1))
        if depth < 3:
            group.create_task(work(depth + 1))

    async with asyncio.TaskGroup() as group:
        group.create_task(work(0))
    return [values, steps.now()]


@construct()
async def siblings_clean_up_before_the_group_ends(steps: Steps) -> Any:
    async def reserve(number: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await steps.act(number, takes=number)
            steps.note("released", number, steps.now())

    try:
        async with asyncio.TaskGroup() as group:
            for number in (2, 1, 3):
                group.create_task(reserve(number))
            await steps.act(0, takes=1, fails=True)
    except* Declined:
        steps.note("group ended", steps.now())
    return steps.now()


@construct()
async def a_group_in_a_loop(steps: Steps) -> Any:
    totals = []
    for batch in range(3):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(steps.act(batch * 10 + n)) for n in range(3)]
        totals.append(sum(task.result() for task in tasks))
        await asyncio.sleep(1)
    return totals


@construct()
async def a_finished_group_takes_no_task(steps: Steps) -> Any:
    async with asyncio.TaskGroup() as group:
        group.create_task(steps.act(1))
    late = steps.act(2)
    try:
        group.create_task(late)
    except RuntimeError as error:
        return type(error).__name__
    finally:
        late.close()


@construct()
async def a_group_with_bounded_parallelism(steps: Steps) -> Any:
    slots = asyncio.Semaphore(2)
    running = highest = 0

    async def work(number: int) -> int:
        nonlocal running, highest
        async with slots:
            running += 1
            highest = max(highest, running)
            value = await steps.act(number, takes=1 + number / 8)
            running -= 1
        return value

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(number)) for number in range(6)]
    return [highest, [task.result() for task in tasks], steps.now()]


@construct()
async def tasks_of_a_group_keep_names_and_contexts(steps: Steps) -> Any:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(steps.act(1), name="billing")
    return [task.get_name(), task.result()]


@construct()
async def a_base_exception_in_a_group(steps: Steps) -> Any:
    class Stop(BaseException):
        pass

    async def stop() -> None:
        await steps.act(1, takes=1)
        raise Stop("everything")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(stop())
            group.create_task(steps.act(2, takes=5))
    except BaseExceptionGroup as errors:
        return [type(errors).__name__, _leaves(errors), steps.now()]
