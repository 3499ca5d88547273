"""asyncio.timeout, timeout_at and wait_for."""

import asyncio
from typing import Any

from tests.loop.steps import Steps, construct


@construct()
async def a_timeout_that_expires(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(3) as limit:
            await steps.act(1, takes=10)
    except TimeoutError as error:
        cause = type(error.__cause__).__name__
        return ["timed out", cause, limit.expired(), steps.now()]


@construct()
async def a_timeout_that_does_not_expire(steps: Steps) -> Any:
    async with asyncio.timeout(3) as limit:
        value = await steps.act(1, takes=2)
    return [value, limit.expired(), steps.now()]


@construct()
async def a_timeout_of_none(steps: Steps) -> Any:
    async with asyncio.timeout(None) as limit:
        await asyncio.sleep(100)
    return [limit.when(), limit.expired(), steps.now()]


@construct()
async def a_timeout_of_zero(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(0):
            await steps.act(1, takes=1)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def a_timeout_below_zero(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(-1):
            steps.note("entered")
            await steps.act(1, takes=1)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def an_approval_in_time(steps: Steps) -> Any:
    reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(5, reply.set_result, "yes")
    async with asyncio.timeout(3600):
        return [await reply, steps.now()]


@construct(events=((50.0, "approved", True),))
async def an_approval_too_late(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(10):
            await steps.event("approved")
    except TimeoutError:
        steps.note("escalated", steps.now())
    return [await steps.event("approved"), steps.now()]


@construct()
async def timeout_at_a_time(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 4
    finished = 0
    try:
        async with asyncio.timeout_at(deadline) as limit:
            for number in range(10):
                finished = await steps.act(number, takes=1.25)
    except TimeoutError:
        return [finished, limit.when() == deadline, steps.now()]


@construct()
async def timeout_at_a_time_gone_by(steps: Steps) -> Any:
    await asyncio.sleep(10)
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() - 5):
            await asyncio.sleep(1)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def a_timeout_moved_later(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(2) as limit:
        await steps.act(1, takes=1)
        limit.reschedule(loop.time() + 10)
        await steps.act(2, takes=8)
    return [limit.expired(), steps.now()]


@construct()
async def a_timeout_moved_sooner(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(100) as limit:
            limit.reschedule(loop.time() + 1)
            await asyncio.sleep(50)
    except TimeoutError:
        return [limit.expired(), steps.now()]


@construct()
async def a_timeout_called_off(steps: Steps) -> Any:
    async with asyncio.timeout(2) as limit:
        limit.reschedule(None)
        await asyncio.sleep(50)
    return [limit.when(), limit.expired(), steps.now()]


@construct()
async def a_timeout_moved_into_the_past(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(100) as limit:
            await steps.act(1)
            limit.reschedule(loop.time() - 1)
            await asyncio.sleep(0)
            await asyncio.sleep(50)
    except TimeoutError:
        return [limit.expired(), steps.now()]


@construct()
async def nested_timeouts_the_inner_fires(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(10) as outer:
            try:
                async with asyncio.timeout(2) as inner:
                    await asyncio.sleep(60)
            except TimeoutError:
                steps.note("inner", steps.now())
            await asyncio.sleep(60)
    except TimeoutError:
        steps.note("outer", steps.now())
    return [inner.expired(), outer.expired()]


@construct()
async def nested_timeouts_the_outer_fires(steps: Steps) -> Any:
    inner_saw = []
    try:
        async with asyncio.timeout(2) as outer:
            try:
                async with asyncio.timeout(10) as inner:
                    await asyncio.sleep(60)
            except TimeoutError:
                inner_saw.append("TimeoutError")
            except asyncio.CancelledError:
                inner_saw.append("CancelledError")
                raise
    except TimeoutError:
        steps.note("outer", steps.now())
    return [inner_saw, inner.expired(), outer.expired()]


@construct()
async def a_timeout_whose_body_cleans_up(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(2):
            try:
                await asyncio.sleep(60)
            finally:
                steps.note("undo", await steps.act(5, takes=3), steps.now())
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def a_body_that_fails_after_its_timeout(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(2):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise KeyError("in the clean-up") from None
    except KeyError as error:
        return ["the body's own", str(error), steps.now()]


@construct()
async def a_body_that_catches_its_timeouts_cancellation(steps: Steps) -> Any:
    task = asyncio.current_task()
    assert task is not None
    try:
        async with asyncio.timeout(2) as limit:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                steps.note("caught", task.cancelling())
            await steps.act(1, takes=1)
            steps.note("went on", steps.now())
    except TimeoutError:
        steps.note("and yet timed out")
    return [limit.expired(), task.cancelling(), steps.now()]


@construct()
async def a_timeout_round_a_gather(steps: Steps) -> Any:
    ended = []

    async def work(number: int) -> None:
        try:
            await steps.act(number, takes=number)
        except asyncio.CancelledError:
            steps.note("cancelled", number)
            raise
        ended.append(number)

    try:
        async with asyncio.timeout(2.5):
            await asyncio.gather(*(work(number) for number in range(5)))
    except TimeoutError:
        await asyncio.sleep(0)
        return [ended, steps.now()]


@construct()
async def a_timeout_round_a_group(steps: Steps) -> Any:
    ended = []

    async def work(number: int) -> None:
        await steps.act(number, takes=number)
        ended.append(number)

    try:
        async with asyncio.timeout(2.5), asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(work(number))
    except TimeoutError:
        return [ended, steps.now()]


@construct()
async def a_timeout_inside_a_cancelled_task(steps: Steps) -> Any:
    async def patient() -> None:
        async with asyncio.timeout(100):
            await asyncio.sleep(200)

    task = asyncio.create_task(patient())
    await asyncio.sleep(1)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError as error:
        return [list(error.args), steps.now()]


@construct()
async def retries_each_with_its_timeout(steps: Steps) -> Any:
    for attempt in range(1, 6):
        try:
            async with asyncio.timeout(attempt):
                return [attempt, await steps.act(attempt, takes=3.5), steps.now()]
        except TimeoutError:
            steps.note("attempt", attempt, steps.now())
            await asyncio.sleep(2**attempt)
    return "never"


@construct()
async def a_deadline_shared_by_many_steps(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 5
    outcomes = []
    for takes in (2, 2, 2, 0.5):
        try:
            async with asyncio.timeout_at(deadline):
                await steps.act(1, takes=takes)
                outcomes.append("done")
        except TimeoutError:
            outcomes.append("late")
    return [outcomes, steps.now()]


@construct()
async def wait_for_a_result(steps: Steps) -> Any:
    return [await asyncio.wait_for(steps.act(1, takes=1), timeout=5), steps.now()]


@construct()
async def wait_for_too_long(steps: Steps) -> Any:
    try:
        await asyncio.wait_for(steps.act(1, takes=10), timeout=5)
    except TimeoutError:
        return ["timed out", steps.now()]


@construct()
async def wait_for_without_a_limit(steps: Steps) -> Any:
    return [await asyncio.wait_for(steps.act(1, takes=500), timeout=None), steps.now()]


@construct()
async def wait_for_no_time_at_all(steps: Steps) -> Any:
    finished = asyncio.create_task(steps.act(1))
    await finished
    outcomes: list[Any] = [await asyncio.wait_for(finished, timeout=0)]
    try:
        await asyncio.wait_for(steps.act(2), timeout=0)
    except TimeoutError:
        outcomes.append("timed out")
    return [outcomes, steps.now()]


@construct()
async def wait_for_raises_what_was_raised(steps: Steps) -> Any:
    async def impatient() -> None:
        await steps.act(1)
        raise TimeoutError("its own")

    try:
        await asyncio.wait_for(impatient(), timeout=5)
    except TimeoutError as error:
        return [str(error), steps.now()]


@construct()
async def wait_for_is_cancelled(steps: Steps) -> Any:
    inner = asyncio.create_task(steps.act(1, takes=100))
    waiter = asyncio.create_task(asyncio.wait_for(inner, timeout=50))
    await asyncio.sleep(1)
    waiter.cancel()
    results = await asyncio.gather(waiter, inner, return_exceptions=True)
    return [[type(result).__name__ for result in results], steps.now()]


@construct()
async def wait_for_cancels_its_task(steps: Steps) -> Any:
    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            steps.note("cleans up", await steps.act(1, takes=2))
            raise

    task = asyncio.create_task(slow())
    try:
        await asyncio.wait_for(task, timeout=3)
    except TimeoutError:
        return [task.cancelled(), steps.now()]


@construct()
async def wait_for_a_shielded_task(steps: Steps) -> Any:
    task = asyncio.create_task(steps.act(1, takes=5))
    try:
        await asyncio.wait_for(asyncio.shield(task), timeout=3)
    except TimeoutError:
        steps.note("timed out", steps.now())
    return [await task, steps.now()]


@construct(events=((2.0, "go", "went"),))
async def wait_for_an_event_again_and_again(steps: Steps) -> Any:
    timeouts = 0
    while True:
        try:
            return [await asyncio.wait_for(steps.event("go"), timeout=0.75), timeouts]
        except TimeoutError:
            timeouts += 1


@construct()
async def wait_for_inside_a_timeout(steps: Steps) -> Any:
    try:
        async with asyncio.timeout(2):
            await asyncio.wait_for(steps.act(1, takes=100), timeout=50)
    except TimeoutError:
        return ["the outer one", steps.now()]
