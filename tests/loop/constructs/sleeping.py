"""Sleeping: nothing but the clock decides when a sleeper goes on."""

import asyncio
from typing import Any

from tests.loop.steps import Steps, construct


@construct()
async def sleep_hands_back_its_result(steps: Steps) -> Any:
    return [await asyncio.sleep(1, "slept"), steps.now()]


@construct()
async def sleep_of_a_month(steps: Steps) -> Any:
    await asyncio.sleep(31 * 86_400)
    return steps.now()


@construct()
async def sleep_zero_lets_the_others_run(steps: Steps) -> Any:
    async def walker(name: str) -> None:
        for step in range(3):
            steps.note(name, step)
            await asyncio.sleep(0)

    await asyncio.gather(walker("a"), walker("b"), walker("c"))
    return steps.now()


@construct()
async def sleep_below_zero_is_sleep_zero(steps: Steps) -> Any:
    other = asyncio.create_task(steps.act(1))
    value = await asyncio.sleep(-5, "at once")
    steps.note(value, steps.now())
    return [value, await other]


@construct()
async def sleepers_wake_in_order_of_time(steps: Steps) -> Any:
    woken: list[float] = []

    async def sleeper(delay: float) -> None:
        await asyncio.sleep(delay)
        steps.note(delay, steps.now())
        woken.append(delay)

    await asyncio.gather(*(sleeper(delay) for delay in (3, 1, 2.5, 0.5, 2)))
    return woken


@construct()
async def sleep_between_activities(steps: Steps) -> Any:
    value = 0
    for pause in (1, 10, 100):
        value = await steps.act(value)
        await asyncio.sleep(pause)
        steps.note(value, steps.now())
    return value


@construct()
async def polling_until_it_is_ready(steps: Steps) -> Any:
    polls = 0
    while await steps.act(polls, takes=0.25) < 5:
        polls += 1
        await asyncio.sleep(2**polls)
    return [polls, steps.now()]


@construct()
async def a_cancelled_sleep_ends_at_once(steps: Steps) -> Any:
    sleeper = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(1)
    sleeper.cancel()
    try:
        await sleeper
    except asyncio.CancelledError:
        steps.note("cancelled", steps.now())
    return sleeper.cancelled()


@construct()
async def the_clock_stands_still_between_waits(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    before = loop.time()
    for _ in range(3):
        await asyncio.sleep(0)
    same = loop.time() == before
    await asyncio.sleep(5)
    return [same, round(loop.time() - before, 3)]


@construct(events=((5.0, "stop", "by hand"),))
async def a_ticker_beside_an_event(steps: Steps) -> Any:
    async def tick() -> None:
        while True:
            await asyncio.sleep(2)
            steps.note("tick", steps.now())

    ticker = asyncio.create_task(tick())
    reason = await steps.event("stop")
    ticker.cancel()
    await asyncio.gather(ticker, return_exceptions=True)
    return [reason, ticker.cancelled()]


@construct()
async def many_sleepers_of_one_length(steps: Steps) -> Any:
    async def sleeper(number: int) -> int:
        await asyncio.sleep(1)
        return number

    numbers = await asyncio.gather(*(sleeper(number) for number in range(8)))
    return [numbers, steps.now()]


@construct()
async def sleeping_for_what_is_left(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    until = loop.time() + 1 / 3
    naps = 0
    while (left := until - loop.time()) > 0:
        naps += 1
        await asyncio.sleep(min(left, 0.2))
    return [naps, steps.now()]


@construct()
async def a_sleep_that_lies_far_back(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    loop.call_later(-1e15, steps.note, "at once")
    loop.call_at(-1.0, steps.note, "at once too")
    return await steps.act(1)
