"""Lock, Event, Condition, Semaphore, Barrier."""

import asyncio
from typing import Any

from tests.loop.steps import Declined, Steps, construct


@construct()
async def a_lock_is_held_over_an_activity(steps: Steps) -> Any:
    lock = asyncio.Lock()
    balance = 0

    async def deposit(name: str) -> None:
        nonlocal balance
        async with lock:
            before = balance
            await steps.act(before, takes=1)
            balance = before + 10
            steps.note(name, balance, steps.now())

    await asyncio.gather(deposit("a"), deposit("b"), deposit("c"))
    return [balance, lock.locked()]


@construct()
async def a_lock_is_released_by_a_failure(steps: Steps) -> Any:
    lock = asyncio.Lock()

    async def fails() -> None:
        async with lock:
            await steps.act(1, fails=True)

    async def waits() -> int:
        async with lock:
            return await steps.act(2)

    results = await asyncio.gather(fails(), waits(), return_exceptions=True)
    return [str(results[0]), results[1], lock.locked()]


@construct()
async def a_waiter_for_a_lock_is_cancelled(steps: Steps) -> Any:
    lock = asyncio.Lock()
    await lock.acquire()
    first = asyncio.create_task(lock.acquire())
    second = asyncio.create_task(lock.acquire())
    await asyncio.sleep(1)
    first.cancel()
    await asyncio.sleep(1)
    lock.release()
    return [await second, first.cancelled(), lock.locked()]


@construct()
async def a_lock_with_a_timeout(steps: Steps) -> Any:
    lock = asyncio.Lock()

    async def holder() -> None:
        async with lock:
            await steps.act(1, takes=5)

    task = asyncio.create_task(holder())
    await asyncio.sleep(1)
    try:
        await asyncio.wait_for(lock.acquire(), timeout=2)
    except TimeoutError:
        steps.note("gave up", steps.now())
    await task
    return [await asyncio.wait_for(lock.acquire(), timeout=2), steps.now()]


@construct()
async def releasing_what_is_not_held(steps: Steps) -> Any:
    lock = asyncio.Lock()
    await steps.act(1)
    try:
        lock.release()
    except RuntimeError as error:
        return type(error).__name__


@construct()
async def an_event_wakes_all(steps: Steps) -> Any:
    ready = asyncio.Event()

    async def waiter(name: str) -> None:
        await ready.wait()
        steps.note(name, steps.now())

    waiters = [asyncio.create_task(waiter(name)) for name in "abc"]
    await steps.act(1, takes=2)
    ready.set()
    steps.note("set")
    await asyncio.gather(*waiters)
    at_once = await ready.wait()
    ready.clear()
    return [at_once, ready.is_set()]


@construct()
async def an_event_set_and_cleared_at_once(steps: Steps) -> Any:
    pulse = asyncio.Event()
    waiter = asyncio.create_task(pulse.wait())
    await steps.act(1)
    pulse.set()
    pulse.clear()
    return [await waiter, pulse.is_set()]


@construct()
async def a_condition_notifies_one(steps: Steps) -> Any:
    stock = 0
    changed = asyncio.Condition()

    async def buyer(name: str) -> None:
        nonlocal stock
        async with changed:
            await changed.wait_for(lambda: stock > 0)
            stock -= 1
            steps.note(name, steps.now())

    buyers = [asyncio.create_task(buyer(name)) for name in "abc"]
    for number in range(3):
        await steps.act(number, takes=1)
        async with changed:
            stock += 1
            changed.notify()
    await asyncio.gather(*buyers)
    return stock


@construct()
async def a_condition_notifies_all(steps: Steps) -> Any:
    changed = asyncio.Condition()
    open_ = False

    async def visitor(number: int) -> None:
        async with changed:
            while not open_:
                await changed.wait()
            steps.note("enters", number)
            await steps.act(number)
            steps.note("leaves", number)

    visitors = [asyncio.create_task(visitor(number)) for number in range(3)]
    await asyncio.sleep(1)
    async with changed:
        open_ = True
        changed.notify_all()
    await asyncio.gather(*visitors)
    return changed.locked()


@construct()
async def a_cancelled_wait_takes_the_lock_again(steps: Steps) -> Any:
    changed = asyncio.Condition()

    async def waiter() -> None:
        async with changed:
            try:
                await changed.wait()
            finally:
                steps.note("locked", changed.locked())

    task = asyncio.create_task(waiter())
    await asyncio.sleep(1)
    async with changed:
        task.cancel()
        await steps.act(1, takes=1)
    await asyncio.gather(task, return_exceptions=True)
    return [task.cancelled(), changed.locked()]


@construct()
async def a_semaphore_lets_two_in(steps: Steps) -> Any:
    slots = asyncio.Semaphore(2)

    async def work(number: int) -> int:
        async with slots:
            steps.note("in", number, steps.now())
            return await steps.act(number, takes=1 + number / 16)

    return await asyncio.gather(*(work(number) for number in range(5)))


@construct()
async def a_semaphore_waiter_is_cancelled(steps: Steps) -> Any:
    slots = asyncio.Semaphore(1)
    await slots.acquire()
    first = asyncio.create_task(slots.acquire())
    second = asyncio.create_task(slots.acquire())
    await asyncio.sleep(1)
    first.cancel()
    slots.release()
    return [await second, first.cancelled(), slots.locked()]


@construct()
async def a_bounded_semaphore_refuses_a_surplus(steps: Steps) -> Any:
    slots = asyncio.BoundedSemaphore(1)
    async with slots:
        await steps.act(1)
    try:
        slots.release()
    except ValueError as error:
        return type(error).__name__


@construct()
async def a_barrier_opens_when_all_are_there(steps: Steps) -> Any:
    barrier = asyncio.Barrier(3)

    async def party(number: int) -> int:
        await steps.act(number, takes=number)
        place = await barrier.wait()
        steps.note("through", number, steps.now())
        return place

    places = await asyncio.gather(*(party(number) for number in range(3)))
    return [places, barrier.n_waiting, barrier.broken]


@construct()
async def a_barrier_is_used_again(steps: Steps) -> Any:
    barrier = asyncio.Barrier(2)

    async def runner(name: str, pace: float) -> None:
        for lap in range(3):
            await steps.act(lap, takes=pace)
            async with barrier:
                steps.note(name, lap, steps.now())

    await asyncio.gather(runner("fast", 1), runner("slow", 2))
    return steps.now()


@construct()
async def a_barrier_is_broken(steps: Steps) -> Any:
    barrier = asyncio.Barrier(3)

    async def party(number: int) -> str:
        try:
            await barrier.wait()
        except asyncio.BrokenBarrierError:
            steps.note("broken", number)
            return "broken"
        return "through"

    parties = [asyncio.create_task(party(number)) for number in range(2)]
    await steps.act(1, takes=1)
    await barrier.abort()
    outcomes = await asyncio.gather(*parties)
    await barrier.reset()
    return [outcomes, barrier.broken]


@construct()
async def a_barrier_is_reset(steps: Steps) -> Any:
    barrier = asyncio.Barrier(2)
    waiter = asyncio.create_task(barrier.wait())
    await asyncio.sleep(1)
    await barrier.reset()
    results = await asyncio.gather(waiter, return_exceptions=True)
    return [type(results[0]).__name__, barrier.broken]


@construct()
async def a_barrier_that_not_all_reach_in_time(steps: Steps) -> Any:
    barrier = asyncio.Barrier(2)
    try:
        async with asyncio.timeout(3):
            await barrier.wait()
    except TimeoutError:
        return [barrier.n_waiting, barrier.broken, steps.now()]


@construct()
async def two_locks_in_one_order(steps: Steps) -> Any:
    left, right = asyncio.Lock(), asyncio.Lock()

    async def transfer(number: int, *, fails: bool) -> None:
        async with left, right:
            await steps.act(number, takes=1, fails=fails)

    outcomes = await asyncio.gather(
        *(transfer(number, fails=number == 1) for number in range(3)), return_exceptions=True
    )
    refused = [isinstance(outcome, Declined) for outcome in outcomes]
    return [refused, left.locked(), right.locked(), steps.now()]
