"""contextvars across tasks and callbacks."""

import asyncio
import contextvars
from typing import Any

from tests.loop.steps import Steps, construct

TENANT: contextvars.ContextVar[str] = contextvars.ContextVar("TENANT", default="nobody")


@construct()
async def a_task_inherits_a_copy(steps: Steps) -> Any:
    async def child() -> list[str]:
        before = TENANT.get()
        TENANT.set("child")
        await steps.act(1)
        return [before, TENANT.get()]

    TENANT.set("parent")
    task = asyncio.create_task(child())
    TENANT.set("parent, later")
    return [await task, TENANT.get()]


@construct()
async def a_value_survives_waiting(steps: Steps) -> Any:
    async def request(tenant: str, takes: float) -> str:
        TENANT.set(tenant)
        await steps.act(1, takes=takes)
        await asyncio.sleep(1)
        return TENANT.get()

    return await asyncio.gather(request("a", 2), request("b", 1), request("c", 3))


@construct()
async def a_token_restores(steps: Steps) -> Any:
    before = TENANT.get()
    token = TENANT.set("inside")
    try:
        await steps.act(1)
        inside = TENANT.get()
    finally:
        TENANT.reset(token)
    return [before, inside, TENANT.get()]


@construct()
async def an_awaited_coroutine_shares_the_context(steps: Steps) -> Any:
    async def sets() -> None:
        await steps.act(1)
        TENANT.set("set by the callee")

    await sets()
    return TENANT.get()


@construct()
async def a_task_in_a_given_context(steps: Steps) -> Any:
    async def work() -> str:
        await steps.act(1)
        TENANT.set(TENANT.get() + "!")
        return TENANT.get()

    given = contextvars.copy_context()
    given.run(TENANT.set, "given")
    first = await asyncio.create_task(work(), context=given)
    second = await asyncio.create_task(work(), context=given)
    return [first, second, TENANT.get(), given[TENANT]]


@construct()
async def callbacks_run_in_their_context(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    given = contextvars.copy_context()
    given.run(TENANT.set, "given")
    loop.call_soon(lambda: steps.note("soon", TENANT.get()), context=given)
    TENANT.set("at the call")
    loop.call_later(1, lambda: steps.note("later", TENANT.get()))
    task = asyncio.create_task(steps.act(1))
    task.add_done_callback(lambda task: steps.note("done", TENANT.get()), context=given)
    TENANT.set("afterwards")
    await asyncio.sleep(2)
    return TENANT.get()


@construct()
async def an_orchestrator_begins_in_an_empty_context(steps: Steps) -> Any:
    seen = TENANT.get()
    TENANT.set("set by the orchestrator")
    await steps.act(1)
    return [seen, TENANT.get()]


@construct()
async def a_group_passes_the_context_on(steps: Steps) -> Any:
    async def child(number: int) -> str:
        TENANT.set(f"{TENANT.get()}-{number}")
        await steps.act(number)
        return TENANT.get()

    TENANT.set("group")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(number)) for number in range(3)]
    return [[task.result() for task in tasks], TENANT.get()]
