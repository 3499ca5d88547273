"""asyncio.gather."""

import asyncio
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def gather_gives_results_in_order_of_arguments(steps: Steps) -> Any:
    return [await asyncio.gather(*(steps.act(n, takes=5 - n) for n in range(5))), steps.now()]


@construct()
async def gather_of_nothing(steps: Steps) -> Any:
    return [await asyncio.gather(), steps.now()]


@construct()
async def gather_of_nothing_with_exceptions(steps: Steps) -> Any:
    return await asyncio.gather(return_exceptions=True)


@construct()
async def gather_of_one_task_twice(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1))
    return await asyncio.gather(task, task, steps.act(2), task)


@construct()
async def gather_over_finished_tasks(steps: Steps) -> Any:
    tasks = [asyncio.create_task(steps.act(number)) for number in range(3)]
    await asyncio.wait(tasks)
    return [await asyncio.gather(*tasks), await asyncio.gather(*tasks)]


@construct()
async def gather_over_finished_and_open_tasks(steps: Steps) -> Any:
    finished = asyncio.create_task(steps.act(1))
    await finished
    return await asyncio.gather(finished, steps.act(2, takes=1), finished)


@construct()
async def gather_raises_the_first_failure(steps: Steps) -> Any:
    slow = asyncio.create_task(steps.act(1, takes=10))
    try:
        await asyncio.gather(
            slow, steps.act(2, takes=3, fails=True), steps.act(3, takes=2, fails=True)
        )
    except Declined as error:
        steps.note(str(error), steps.now())
    return [slow.done(), await slow, steps.now()]


@construct()
async def gather_returns_exceptions(steps: Steps) -> Any:
    results = await asyncio.gather(
        steps.act(1), steps.act(2, fails=True), steps.act(3, takes=1), return_exceptions=True
    )
    return [str(result) for result in results]


@construct()
async def gather_returns_a_cancellation(steps: Steps) -> Any:
    victim = asyncio.create_task(steps.act(1, takes=10))
    asyncio.get_running_loop().call_later(1, victim.cancel)
    results = await asyncio.gather(victim, steps.act(2, takes=2), return_exceptions=True)
    return [type(result).__name__ for result in results]


@construct()
async def gather_raises_a_childs_cancellation(steps: Steps) -> Any:
    victim = asyncio.create_task(steps.act(1, takes=10))
    asyncio.get_running_loop().call_later(1, victim.cancel)
    try:
        await asyncio.gather(victim, steps.act(2, takes=2))
    except asyncio.CancelledError:
        return ["cancelled", steps.now()]


@construct()
async def a_cancelled_gather_cancels_its_children(steps: Steps) -> Any:
    async def work(number: int) -> None:
        try:
            await steps.act(number, takes=10)
        except asyncio.CancelledError:
            steps.note("cancelled", number)
            raise

    both = asyncio.gather(work(1), work(2))
    asyncio.get_running_loop().call_later(1, both.cancel)
    try:
        await both
    except asyncio.CancelledError:
        return [both.cancelled(), steps.now()]


@construct()
async def gathers_within_a_gather(steps: Steps) -> Any:
    async def row(number: int) -> list[int]:
        cells = (steps.act(10 * number + cell, takes=number + cell) for cell in range(3))
        return await asyncio.gather(*cells)

    return await asyncio.gather(*(row(number) for number in range(3)))


@construct()
async def two_branches_of_the_same_activity(steps: Steps) -> Any:
    async def branch(name: str, start: int, pace: float) -> list[int]:
        values = [start]
        for _ in range(4):
            values.append(await steps.act(values[-1], takes=pace))
            steps.note(name, values[-1])
        return values

    return await asyncio.gather(branch("left", 0, 1.0), branch("right", 100, 1.5))


@construct()
async def gather_is_awaited_later(steps: Steps) -> Any:
    both = asyncio.gather(steps.act(1, takes=1), steps.act(2, takes=2))
    await asyncio.sleep(5)
    steps.note(both.done(), steps.now())
    return await both


@construct()
async def gather_of_waits_of_every_kind(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    reply = loop.create_future()
    loop.call_later(2, reply.set_result, "future")
    return await asyncio.gather(
        reply,
        asyncio.create_task(steps.act(1)),
        asyncio.sleep(3, "slept"),
        asyncio.wait_for(steps.act(2, takes=1), 5),
        asyncio.shield(steps.act(3)),
        asyncio.gather(steps.act(4), asyncio.sleep(0, "zero")),
    )


@construct(ordered=False)
async def gather_over_a_set_of_tasks(steps: Steps) -> Any:
    tasks = {asyncio.create_task(steps.act(number)) for number in range(9)}
    values = await asyncio.gather(*tasks)
    steps.note(values)
    for value in values:
        await steps.act(value)
    return sorted(values)
