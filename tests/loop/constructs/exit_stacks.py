"""Context managers and AsyncExitStack, which is the saga."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def a_context_manager_acts_on_both_ends(steps: Steps) -> Any:
    @contextlib.asynccontextmanager
    async def reserved(number: int) -> AsyncIterator[int]:
        seat = await steps.act(number)
        try:
            yield seat
        finally:
            steps.note("released", await steps.act(seat))

    async with reserved(1) as first, reserved(10) as second:
        steps.note(first, second)
        return await steps.act(first + second)


@construct()
async def a_context_manager_swallows(steps: Steps) -> Any:
    @contextlib.asynccontextmanager
    async def forgiving() -> AsyncIterator[None]:
        try:
            yield
        except Declined as error:
            steps.note("forgiven", str(error))
            await steps.act(1)

    async with forgiving():
        await steps.act(5, fails=True)
    return "went on"


@construct()
async def a_saga_is_undone_backwards(steps: Steps) -> Any:
    async def undo(what: str, number: int) -> None:
        await steps.act(number, takes=1)
        steps.note("undone", what, steps.now())

    try:
        async with contextlib.AsyncExitStack() as saga:
            for number, what in enumerate(("flight", "hotel", "car")):
                await steps.act(number, fails=what == "car")
                saga.push_async_callback(undo, what, number)
    except Declined:
        return ["undone", steps.now()]


@construct()
async def a_saga_that_succeeds_undoes_nothing(steps: Steps) -> Any:
    async def undo(number: int) -> None:
        steps.note("must not run", number)

    async with contextlib.AsyncExitStack() as saga:
        for number in range(3):
            await steps.act(number)
            saga.push_async_callback(undo, number)
        saga.pop_all()
    return "kept"


@construct()
async def a_saga_whose_undo_fails(steps: Steps) -> Any:
    async def undo(number: int, *, fails: bool) -> None:
        steps.note("undo", number)
        await steps.act(number, fails=fails)

    try:
        async with contextlib.AsyncExitStack() as saga:
            saga.push_async_callback(undo, 1, fails=False)
            saga.push_async_callback(undo, 2, fails=True)
            saga.push_async_callback(undo, 3, fails=False)
            await steps.act(9, fails=True)
    except Declined as error:
        return [str(error), str(error.__context__)]


@construct()
async def a_saga_is_cancelled(steps: Steps) -> Any:
    async def undo(number: int) -> None:
        await steps.act(number, takes=1)
        steps.note("undone", number, steps.now())

    async def book() -> None:
        async with contextlib.AsyncExitStack() as saga:
            for number in range(5):
                await steps.act(number, takes=2)
                saga.push_async_callback(undo, number)

    task = asyncio.create_task(book())
    await asyncio.sleep(5)
    task.cancel()
    outcome = (await asyncio.gather(task, return_exceptions=True))[0]
    return [type(outcome).__name__, steps.now()]


@construct()
async def a_saga_in_a_timeout(steps: Steps) -> Any:
    async def undo(number: int) -> None:
        steps.note("undone", await steps.act(number, takes=1), steps.now())

    try:
        async with asyncio.timeout(5), contextlib.AsyncExitStack() as saga:
            for number in range(5):
                await steps.act(number, takes=2)
                saga.push_async_callback(undo, number)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def branches_each_with_a_saga(steps: Steps) -> Any:
    async def undo(name: str) -> None:
        await steps.act(0, takes=1)
        steps.note("undone", name)

    async def branch(name: str, takes: float, *, fails: bool = False) -> None:
        async with contextlib.AsyncExitStack() as saga:
            await steps.act(1, takes=takes)
            saga.push_async_callback(undo, name)
            await steps.act(2, takes=takes, fails=fails)
            await asyncio.sleep(60)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(branch("a", 1))
            group.create_task(branch("b", 1.5, fails=True))
            group.create_task(branch("c", 5))
    except* Declined:
        steps.note("all undone", steps.now())
    return steps.now()


@construct()
async def a_stack_enters_and_pushes(steps: Steps) -> Any:
    @contextlib.asynccontextmanager
    async def opened(name: str) -> AsyncIterator[str]:
        await steps.act(1)
        yield name
        steps.note("closed", name)

    async with contextlib.AsyncExitStack() as stack:
        names = [await stack.enter_async_context(opened(name)) for name in "abc"]
        stack.callback(steps.note, "a plain callback")
        stack.enter_context(contextlib.suppress(Declined))
        await steps.act(5, fails=True)
    return names


@construct()
async def a_context_manager_yields_and_is_cancelled(steps: Steps) -> Any:
    @contextlib.asynccontextmanager
    async def session() -> AsyncIterator[None]:
        await steps.act(1)
        try:
            yield
        except asyncio.CancelledError:
            steps.note("rolled back", await steps.act(2))
            raise
        else:
            steps.note("committed")

    async def use() -> None:
        async with session():
            await asyncio.sleep(60)

    task = asyncio.create_task(use())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()
