"""anyio: cancel scopes and deadlines."""

import asyncio
from typing import Any

import anyio
from tests.loop.steps import Declined, Steps, construct


@construct()
async def fail_after_fails(steps: Steps) -> Any:
    try:
        with anyio.fail_after(2):
            await steps.act(1, takes=10)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def fail_after_in_time(steps: Steps) -> Any:
    with anyio.fail_after(2):
        value = await steps.act(1, takes=1)
    return [value, steps.now()]


@construct()
async def move_on_after_moves_on(steps: Steps) -> Any:
    with anyio.move_on_after(2) as scope:
        await steps.act(1, takes=10)
        steps.note("must not be reached")
    return [scope.cancelled_caught, scope.cancel_called, steps.now()]


@construct()
async def move_on_after_in_time(steps: Steps) -> Any:
    with anyio.move_on_after(2) as scope:
        await steps.act(1, takes=1)
    return [scope.cancelled_caught, steps.now()]


@construct()
async def scopes_nested_the_outer_fires(steps: Steps) -> Any:
    with anyio.move_on_after(2) as outer:
        with anyio.move_on_after(10) as inner:
            await anyio.sleep(60)
        steps.note("must not be reached")
    return [outer.cancelled_caught, inner.cancelled_caught, steps.now()]


@construct()
async def scopes_nested_the_inner_fires(steps: Steps) -> Any:
    with anyio.move_on_after(10) as outer:
        with anyio.move_on_after(2) as inner:
            await anyio.sleep(60)
        steps.note("moved on", steps.now())
        await steps.act(1, takes=3)
    return [outer.cancelled_caught, inner.cancelled_caught, steps.now()]


@construct()
async def a_shielded_scope_finishes(steps: Steps) -> Any:
    with anyio.move_on_after(2) as outer:
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                steps.note("undo", await steps.act(1, takes=5), steps.now())
    return [outer.cancelled_caught, steps.now()]


@construct()
async def a_shielded_scope_with_its_own_deadline(steps: Steps) -> Any:
    with anyio.move_on_after(2):
        try:
            await anyio.sleep(60)
        finally:
            with anyio.move_on_after(3, shield=True) as undo:
                await steps.act(1, takes=50)
    return [undo.cancelled_caught, steps.now()]


@construct()
async def a_shield_is_lifted(steps: Steps) -> Any:
    with anyio.move_on_after(1) as outer, anyio.CancelScope(shield=True) as shield:
        await steps.act(1, takes=3)
        shield.shield = False
        await steps.act(2, takes=3)
        steps.note("must not be reached")
    return [outer.cancelled_caught, steps.now()]


@construct()
async def a_cancelled_scope_cancels_every_await(steps: Steps) -> Any:
    with anyio.CancelScope() as scope:
        scope.cancel()
        for number in range(3):
            try:
                await anyio.sleep(1)
            except anyio.get_cancelled_exc_class():
                steps.note("cancelled", number)
        await anyio.sleep(1)
    return [scope.cancelled_caught, steps.now()]


@construct()
async def a_deadline_is_moved(steps: Steps) -> Any:
    with anyio.move_on_after(2) as scope:
        await steps.act(1, takes=1)
        scope.deadline += 5
        await steps.act(2, takes=4)
        steps.note("in time", steps.now())
        await steps.act(3, takes=9)
    return [scope.cancelled_caught, steps.now()]


@construct()
async def a_scope_is_cancelled_from_another_task(steps: Steps) -> Any:
    scope = anyio.CancelScope()

    async def worker() -> None:
        with scope:
            await anyio.sleep(60)
        steps.note("moved on", steps.now())

    async with anyio.create_task_group() as group:
        group.start_soon(worker)
        await steps.act(1, takes=2)
        scope.cancel()
    return scope.cancelled_caught


@construct(ordered=False)
async def scopes_of_children_are_cancelled_together(steps: Steps) -> Any:
    async def worker(number: int) -> None:
        with anyio.CancelScope():
            try:
                await anyio.sleep(60)
            finally:
                steps.note("ends", number)

    with anyio.move_on_after(2) as scope:
        async with anyio.create_task_group() as group:
            for number in range(6):
                group.start_soon(worker, number)
    return [scope.cancelled_caught, steps.now()]


@construct()
async def children_clean_up_durably_behind_a_shield(steps: Steps) -> Any:
    async def worker(number: int) -> None:
        try:
            await anyio.sleep(60)
        finally:
            with anyio.CancelScope(shield=True):
                await steps.act(number, takes=number)
                steps.note("undone", number, steps.now())

    with anyio.move_on_after(2):
        async with anyio.create_task_group() as group:
            for number in (2, 3, 1):
                group.start_soon(worker, number)
    return steps.now()


@construct()
async def a_stubborn_task_in_a_cancelled_scope(steps: Steps) -> Any:
    with anyio.move_on_after(1) as scope:
        caught = 0
        while caught < 3:
            try:
                await steps.act(caught, takes=60)
            except anyio.get_cancelled_exc_class():
                caught += 1
                steps.note("caught", caught)
        await anyio.sleep(60)
    return [caught, scope.cancelled_caught, steps.now()]


@construct()
async def an_asyncio_timeout_inside_a_scope(steps: Steps) -> Any:
    with anyio.move_on_after(10) as scope:
        try:
            async with asyncio.timeout(2):
                await anyio.sleep(60)
        except TimeoutError:
            steps.note("asyncio's", steps.now())
        await anyio.sleep(60)
    return [scope.cancelled_caught, steps.now()]


@construct()
async def an_anyio_scope_inside_an_asyncio_timeout(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(2):
            with anyio.move_on_after(10) as scope:
                await steps.act(1, takes=60)
    except TimeoutError:
        return ["asyncio's", scope.cancelled_caught, steps.now()]


@construct(ordered=False)
async def an_anyio_group_inside_an_asyncio_group(steps: Steps) -> Any:
    async def child(number: int) -> None:
        try:
            await steps.act(number, takes=60)
        finally:
            steps.note("ends", number)

    async def family() -> None:
        async with anyio.create_task_group() as inner:
            for number in range(3):
                inner.start_soon(child, number)

    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(family())
            outer.create_task(steps.act(1, takes=1, fails=True))
    except* Declined:
        steps.note("declined", steps.now())
    return steps.now()
