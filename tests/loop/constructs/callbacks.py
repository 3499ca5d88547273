"""Futures and callbacks: the parts that tasks are made of."""

import asyncio
from typing import Any

from tests.loop.steps import Steps, construct


@construct()
async def a_future_is_set_by_another_task(steps: Steps) -> Any:
    reply: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def answer() -> None:
        reply.set_result(await steps.act(41))

    task = asyncio.create_task(answer())
    value = await reply
    await task
    return value


@construct()
async def a_future_made_by_name_belongs_to_the_loop(steps: Steps) -> Any:
    reply: asyncio.Future[str] = asyncio.Future()
    asyncio.get_running_loop().call_later(1, reply.set_result, "late")
    return [await reply, reply.get_loop() is asyncio.get_running_loop()]


@construct()
async def a_future_carries_an_exception(steps: Steps) -> Any:
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(reply.set_exception, LookupError("no such order"))
    try:
        await reply
    except LookupError as error:
        return str(error)


@construct()
async def a_cancelled_future_cancels_its_reader(steps: Steps) -> Any:
    reply: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(1, reply.cancel)
    try:
        await reply
    except asyncio.CancelledError:
        return [reply.cancelled(), steps.now()]


@construct()
async def done_callbacks_run_in_order(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1))
    task.add_done_callback(lambda task: steps.note("first", task.result()))
    task.add_done_callback(lambda task: steps.note("second", task.result()))
    value = await task
    task.add_done_callback(lambda task: steps.note("after the end", task.result()))
    await asyncio.sleep(0)
    return value


@construct()
async def a_removed_callback_does_not_run(steps: Steps) -> Any:
    def callback(task: Any) -> None:
        steps.note("never")

    task = asyncio.create_task(steps.act(1))
    task.add_done_callback(callback)
    removed = task.remove_done_callback(callback)
    return [removed, await task]


@construct()
async def call_soon_runs_first_in_first_out(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    loop.call_soon(steps.note, "a")
    loop.call_soon(lambda: loop.call_soon(steps.note, "after b"))
    loop.call_soon(steps.note, "b")
    steps.note("now")
    await asyncio.sleep(0)
    steps.note("between")
    await asyncio.sleep(0)
    return steps.now()


@construct()
async def call_later_and_call_at(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    loop.call_later(3, finished.set_result, "finished")
    loop.call_at(loop.time() + 2, lambda: steps.note("two", steps.now()))
    loop.call_later(1, lambda: steps.note("one", steps.now()))
    return [await finished, steps.now()]


@construct()
async def cancelled_handles_do_not_run(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    soon = loop.call_soon(steps.note, "never")
    later = loop.call_later(2, steps.note, "never")
    at = loop.call_at(loop.time() + 1, steps.note, "never")
    for handle in (soon, later, at):
        handle.cancel()
    await asyncio.sleep(5)
    return [soon.cancelled(), later.cancelled(), round(later.when() - at.when(), 3)]


@construct()
async def a_handle_cancels_another(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    second = loop.call_later(2, steps.note, "never")
    loop.call_later(1, second.cancel)
    await asyncio.sleep(4)
    return second.cancelled()


@construct()
async def a_callback_starts_a_task(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[int] = loop.create_future()

    async def work(x: int) -> None:
        finished.set_result(await steps.act(x))

    tasks = []
    loop.call_later(1, lambda: tasks.append(loop.create_task(work(8), name="by callback")))
    return [await finished, tasks[0].get_name(), steps.now()]


@construct()
async def a_done_callback_starts_the_next_step(steps: Steps) -> Any:
    finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def follow(task: "asyncio.Task[int]") -> None:
        steps.note("followed by", task.result())
        if task.result() < 4:
            asyncio.create_task(steps.act(task.result())).add_done_callback(follow)
        else:
            finished.set_result(task.result())

    asyncio.create_task(steps.act(0)).add_done_callback(follow)
    return await finished


@construct()
async def a_watchdog_that_is_fed(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    bitten: asyncio.Future[float] = loop.create_future()
    handle = loop.call_later(3, lambda: bitten.set_result(steps.now()))
    for pause in (1, 2, 2.5):
        await asyncio.sleep(pause)
        handle.cancel()
        handle = loop.call_later(3, lambda: bitten.set_result(steps.now()))
        steps.note("fed", steps.now())
    return await bitten


@construct()
async def a_callback_that_raises_stops_nobody(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)

    def fail() -> None:
        raise ValueError("in a callback")

    loop.call_soon(fail)
    loop.call_soon(steps.note, "goes on")
    return await steps.act(1)


@construct()
async def first_answer_wins(steps: Steps) -> Any:
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def ask(number: int, takes: float) -> None:
        value = await steps.act(number, takes=takes)
        if not answer.done():
            answer.set_result(value)

    asked = [asyncio.create_task(ask(number, 4 - number)) for number in range(3)]
    value = await answer
    await asyncio.gather(*asked)
    return [value, steps.now()]
