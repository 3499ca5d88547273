"""asyncio.wait, as_completed and shield."""

import asyncio
from collections.abc import Generator
from typing import Any

from tests.loop.steps import Declined, Steps, construct


def _named(steps: Steps, *takes: float) -> list["asyncio.Task[int]"]:
    return [
        asyncio.create_task(steps.act(number, takes=delay), name=str(number))
        for number, delay in enumerate(takes)
    ]


def _names(tasks: Any) -> list[str]:
    return sorted(task.get_name() for task in tasks)


@construct()
async def wait_for_the_first(steps: Steps) -> Any:
    tasks = _named(steps, 3, 1, 2)
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return [_names(done), _names(pending), steps.now()]


@construct()
async def wait_for_all(steps: Steps) -> Any:
    done, pending = await asyncio.wait(_named(steps, 3, 1, 2))
    return [_names(done), _names(pending), steps.now()]


@construct()
async def wait_for_the_first_failure(steps: Steps) -> Any:
    tasks = _named(steps, 1, 30)
    tasks.append(asyncio.create_task(steps.act(9, takes=2, fails=True), name="bad"))
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    failed = [task.get_name() for task in done if task.exception()]
    return [_names(done), _names(pending), failed, steps.now()]


@construct()
async def wait_for_a_failure_that_does_not_come(steps: Steps) -> Any:
    done, pending = await asyncio.wait(_named(steps, 1, 2), return_when=asyncio.FIRST_EXCEPTION)
    return [_names(done), _names(pending), steps.now()]


@construct()
async def wait_with_a_timeout(steps: Steps) -> Any:
    tasks = _named(steps, 1, 2, 30)
    done, pending = await asyncio.wait(tasks, timeout=5)
    steps.note(_names(done), _names(pending), steps.now())
    for task in pending:
        task.cancel()
    done, pending = await asyncio.wait(pending)
    return [[task.cancelled() for task in done], _names(pending), steps.now()]


@construct()
async def wait_with_a_timeout_of_zero(steps: Steps) -> Any:
    tasks = _named(steps, 1)
    done, pending = await asyncio.wait(tasks, timeout=0)
    return [_names(done), _names(pending), await tasks[0]]


@construct()
async def wait_for_what_is_done(steps: Steps) -> Any:
    tasks = _named(steps, 0, 0)
    await asyncio.gather(*tasks)
    done, pending = await asyncio.wait(tasks)
    return [_names(done), _names(pending)]


@construct()
async def wait_takes_a_set_and_gives_sets(steps: Steps) -> Any:
    waiting = set(_named(steps, 4, 3, 2, 1, 0.5))
    rounds = []
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            steps.note(task.get_name(), task.result())
        rounds.append(_names(done))
    return rounds


@construct(ordered=False)
async def the_pending_ones_are_cancelled(steps: Steps) -> Any:
    async def work(number: int) -> int:
        try:
            return await steps.act(number, takes=1 + number)
        except asyncio.CancelledError:
            steps.note("undo", number)
            await steps.act(100 + number)
            raise

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return [[task.result() for task in done], [task.cancelled() for task in tasks]]


@construct(events=((2.0, "abort", "operator"),))
async def an_event_races_an_activity(steps: Steps) -> Any:
    abort = asyncio.create_task(steps.event("abort"))
    work = asyncio.create_task(steps.act(1, takes=3))
    done, _ = await asyncio.wait([abort, work], return_when=asyncio.FIRST_COMPLETED)
    winner = "abort" if abort in done else "work"
    for task in (abort, work):
        task.cancel()
    await asyncio.wait([abort, work])
    return [winner, abort.cancelled(), work.cancelled(), steps.now()]


@construct()
async def wait_over_futures(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    replies = [loop.create_future() for _ in range(3)]
    for number, reply in enumerate(replies):
        loop.call_later(3 - number, reply.set_result, number)
    done, pending = await asyncio.wait(replies, return_when=asyncio.FIRST_COMPLETED)
    steps.note([reply.result() for reply in done], len(pending))
    await asyncio.wait(pending)
    return [reply.result() for reply in replies]


@construct(ordered=False)
async def a_set_of_futures_is_iterated(steps: Steps) -> Any:
    loop = asyncio.get_running_loop()
    replies = {loop.create_future(): number for number in range(8)}
    for reply, number in replies.items():
        loop.call_later(1 + number / 8, reply.set_result, number)
    done, _ = await asyncio.wait(set(replies))
    numbers = [reply.result() for reply in done]
    for number in numbers:
        steps.note(number)
        await steps.act(number)
    return sorted(numbers)


@construct()
async def as_completed_over_a_list(steps: Steps) -> Any:
    values = []
    for finished in asyncio.as_completed([steps.act(n, takes=5 - n) for n in range(5)]):
        values.append(await finished)
        steps.note(values[-1], steps.now())
    return values


@construct()
async def as_completed_over_a_tuple(steps: Steps) -> Any:
    waits = (steps.act(1, takes=2), steps.act(2, takes=1))
    return [await finished for finished in asyncio.as_completed(waits)]


class _Later:
    """An awaitable that is neither a coroutine nor a future."""

    def __init__(self, steps: Steps, number: int, takes: float) -> None:
        self._steps, self._number, self._takes = steps, number, takes

    def __await__(self) -> Generator[Any, Any, int]:
        return self._steps.act(self._number, takes=self._takes).__await__()


@construct()
async def as_completed_over_coroutines_and_another_awaitable(steps: Steps) -> Any:
    waits = [steps.act(1, takes=3), _Later(steps, 2, 2), steps.act(3, takes=1)]
    values = [await finished for finished in asyncio.as_completed(waits)]
    return [values, len(asyncio.all_tasks())]


@construct()
async def as_completed_over_tasks(steps: Steps) -> Any:
    tasks = _named(steps, 2, 1, 3)
    return [await finished for finished in asyncio.as_completed(tasks)]


@construct()
async def as_completed_over_a_set_of_tasks(steps: Steps) -> Any:
    tasks = set(_named(steps, 2, 1, 3, 4, 0.5))
    return [await finished for finished in asyncio.as_completed(tasks)]


@construct()
async def as_completed_with_a_timeout(steps: Steps) -> Any:
    tasks = _named(steps, 1, 2, 30)
    values = []
    try:
        for finished in asyncio.as_completed(tasks, timeout=5):
            values.append(await finished)
    except TimeoutError:
        return [values, tasks[2].done(), steps.now()]


@construct()
async def as_completed_with_a_failure(steps: Steps) -> Any:
    waits = [steps.act(1, takes=2), steps.act(2, takes=1, fails=True), steps.act(3, takes=3)]
    outcomes: list[Any] = []
    for finished in asyncio.as_completed(waits):
        try:
            outcomes.append(await finished)
        except Declined as error:
            outcomes.append(str(error))
    return outcomes


@construct()
async def as_completed_until_one_is_good(steps: Steps) -> Any:
    tasks = _named(steps, 3, 1, 2)
    for finished in asyncio.as_completed(tasks):
        value = await finished
        if value >= 3:
            break
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return [value, [task.cancelled() for task in tasks]]


@construct()
async def as_completed_over_nothing(steps: Steps) -> Any:
    return [await finished for finished in asyncio.as_completed([])]


@construct(since=(3, 13))
async def as_completed_as_async_iterator(steps: Steps) -> Any:
    tasks = _named(steps, 3, 1, 2)
    names = []
    async for finished in asyncio.as_completed(tasks):
        names.append(finished.get_name())
        steps.note(await finished, finished in tasks)
    return names


@construct(since=(3, 13))
async def as_completed_as_async_iterator_with_a_timeout(steps: Steps) -> Any:
    names = []
    try:
        async for finished in asyncio.as_completed(_named(steps, 30, 1, 2), timeout=5):
            names.append(finished.get_name())
    except TimeoutError:
        return [names, steps.now()]


@construct()
async def a_shielded_task_outlives_its_waiter(steps: Steps) -> Any:
    charge = asyncio.create_task(steps.act(1, takes=5))

    async def customer() -> None:
        await asyncio.shield(charge)

    waiter = asyncio.create_task(customer())
    await asyncio.sleep(1)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    steps.note(waiter.cancelled(), charge.done())
    return [await charge, steps.now()]


@construct()
async def a_shielded_coroutine_is_nobodys(steps: Steps) -> Any:
    async def charge() -> None:
        steps.note("charged", await steps.act(1, takes=5))

    async def customer() -> None:
        await asyncio.shield(charge())

    waiter = asyncio.create_task(customer())
    await asyncio.sleep(1)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await asyncio.sleep(10)
    return steps.now()


@construct()
async def a_shield_gives_result_and_exception(steps: Steps) -> Any:
    value = await asyncio.shield(steps.act(1))
    try:
        await asyncio.shield(steps.act(2, fails=True))
    except Declined as error:
        return [value, str(error)]


@construct()
async def what_is_shielded_is_cancelled_itself(steps: Steps) -> Any:
    inner = asyncio.create_task(steps.act(1, takes=10))
    asyncio.get_running_loop().call_later(1, inner.cancel)
    try:
        await asyncio.shield(inner)
    except asyncio.CancelledError:
        return [inner.cancelled(), steps.now()]


@construct()
async def a_shield_inside_a_timeout(steps: Steps) -> Any:
    commit = asyncio.create_task(steps.act(1, takes=5))
    try:
        async with asyncio.timeout(2):
            await asyncio.shield(commit)
    except TimeoutError:
        steps.note("gave up waiting", steps.now())
    return [await commit, steps.now()]
