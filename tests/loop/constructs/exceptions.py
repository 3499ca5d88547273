"""Exceptions: raised, chained, grouped, noted."""

import asyncio
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def a_failing_activity_is_caught(steps: Steps) -> Any:
    try:
        await steps.act(1, fails=True)
    except Declined as error:
        return [str(error), await steps.act(2)]


@construct()
async def finally_runs_durably(steps: Steps) -> Any:
    try:
        try:
            await steps.act(1, fails=True)
        finally:
            steps.note("released", await steps.act(10))
    except Declined:
        return "declined"


@construct()
async def try_else_finally(steps: Steps) -> Any:
    path = []
    for fails in (False, True):
        try:
            await steps.act(1, fails=fails)
        except Declined:
            path.append("except")
            await steps.act(2)
        else:
            path.append("else")
            await steps.act(3)
        finally:
            path.append("finally")
            await steps.act(4)
    return path


@construct()
async def an_exception_is_chained(steps: Steps) -> Any:
    class OrderFailed(Exception):
        pass

    async def order() -> None:
        try:
            await steps.act(1, fails=True)
        except Declined as error:
            await steps.act(2)
            raise OrderFailed("o-1") from error

    try:
        await asyncio.create_task(order())
    except OrderFailed as error:
        return [str(error), str(error.__cause__), type(error.__context__).__name__]


@construct()
async def an_exception_gathers_notes(steps: Steps) -> Any:
    async def work() -> None:
        try:
            await steps.act(1, fails=True)
        except Declined as error:
            error.add_note("while working")
            raise

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
    except* Declined as errors:
        errors.exceptions[0].add_note("in a group")
        return_value = errors.exceptions[0].__notes__
    return return_value


@construct()
async def except_star_takes_groups_apart(steps: Steps) -> Any:
    async def fails(error: Exception, delay: float) -> None:
        try:
            await asyncio.sleep(delay)
        finally:
            raise error

    caught = []
    try:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails(ValueError("v"), 1))
                group.create_task(fails(KeyError("k"), 2))
                group.create_task(fails(OSError("o"), 3))
        except* ValueError as errors:
            caught.append([str(error) for error in errors.exceptions])
            await steps.act(1)
        except* OSError as errors:
            caught.append([str(error) for error in errors.exceptions])
            await steps.act(2)
    except BaseExceptionGroup as rest:
        caught.append([str(error) for error in rest.exceptions])
    return caught


@construct()
async def a_group_is_split(steps: Steps) -> Any:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(steps.act(1, fails=True))
            await asyncio.sleep(5)
    except* Exception as errors:
        declined, rest = errors.split(Declined)
        result = [len(declined.exceptions), rest]
    return result


@construct()
async def a_group_is_raised_by_hand(steps: Steps) -> Any:
    results = await asyncio.gather(
        steps.act(1, fails=True), steps.act(2), steps.act(3, fails=True), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, Exception)]
    try:
        raise ExceptionGroup("two of three", errors)
    except* Declined as group:
        steps.note(group.message, len(group.exceptions))
    return [str(error) for error in errors]


@construct()
async def an_exception_in_a_background_task_is_collected_late(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1, fails=True))
    await asyncio.sleep(100)
    return [task.done(), str(task.exception())]


@construct()
async def retry_by_hand(steps: Steps) -> Any:
    for attempt in range(1, 5):
        try:
            return [await steps.act(attempt, fails=attempt < 3), attempt, steps.now()]
        except Declined as error:
            steps.note("attempt", attempt, str(error))
            await asyncio.sleep(2**attempt)
    return "never"


@construct()
async def an_exception_crosses_many_tasks(steps: Steps) -> Any:
    async def level(depth: int) -> None:
        if depth == 0:
            await steps.act(99, fails=True)
        await asyncio.create_task(level(depth - 1))

    try:
        await level(10)
    except Declined as error:
        return str(error)


@construct()
async def stop_iteration_does_not_end_a_coroutine(steps: Steps) -> Any:
    async def stops() -> None:
        await steps.act(1)
        raise StopIteration("by mistake")

    try:
        await stops()
    except RuntimeError as error:
        return type(error.__cause__).__name__


@construct()
async def stop_iteration_does_not_fit_a_future(steps: Steps) -> Any:
    reply = asyncio.get_running_loop().create_future()
    outcome = "accepted"
    try:
        reply.set_exception(StopIteration())
    except TypeError:
        outcome = "TypeError"
        reply.set_result(None)
    try:
        await reply
    except RuntimeError:
        outcome = "RuntimeError"
    return outcome
