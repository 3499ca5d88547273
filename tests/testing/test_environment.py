"""The test environment: time that skips, errors instead of hangs, its life."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import now, sleep, wait_for_event
from durable_async.dsl.policy import RetryPolicy
from durable_async.errors import (
    ActivityTimeoutError,
    DeadlockError,
    InstanceNotFoundError,
    NotRegisteredError,
    StoreError,
)
from durable_async.model.status import RuntimeStatus
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


@activity
async def double(number: int) -> int:
    return 2 * number


@activity
def double_in_thread(number: int) -> int:
    assert threading.current_thread() is not threading.main_thread()
    return 2 * number


@orchestrator
async def nap(seconds: float) -> datetime:
    await asyncio.sleep(seconds)
    return now()


@orchestrator
async def naps(count: int) -> datetime:
    for _ in range(count):
        await sleep(timedelta(minutes=1))
    return now()


@orchestrator
async def approval(days: float) -> str:
    try:
        async with asyncio.timeout(days * 86_400):
            return await wait_for_event("approved", str)
    except TimeoutError:
        return "too late"


@orchestrator
async def double_all(numbers: list[int]) -> list[int]:
    return list(await asyncio.gather(*(double(number) for number in numbers)))


@orchestrator
async def double_in_steps(number: int, steps: int) -> int:
    for _ in range(steps):
        number = await double(number)
        await asyncio.sleep(60)
    return number


# ---- time ----------------------------------------------------------------------------------


async def test_a_month_of_sleep_is_over_at_once() -> None:
    async with environment([nap], start_time=START) as env:
        handle = await env.client.start(nap(30 * 86_400))
        assert await handle.result() == START + timedelta(days=30)
        assert env.now() == START + timedelta(days=30)


async def test_a_thousand_timers_in_a_row_are_over_at_once() -> None:
    async with environment([naps], start_time=START) as env:
        handle = await env.client.start(naps(1_000))
        assert await handle.result() == START + timedelta(minutes=1_000)


async def test_instances_sleep_at_the_same_time() -> None:
    async with environment([nap], start_time=START) as env:
        handles = [await env.client.start(nap(seconds)) for seconds in (300, 100, 200)]
        woken = await asyncio.gather(*(handle.result() for handle in handles))
        assert woken == [START + timedelta(seconds=seconds) for seconds in (300, 100, 200)]


async def test_timers_a_moment_apart_are_not_merged() -> None:
    async with environment([nap], start_time=START) as env:
        handles = [await env.client.start(nap(n / 1_000)) for n in range(1, 20)]
        woken = [await handle.result() for handle in handles]
        assert woken == [START + timedelta(milliseconds=n) for n in range(1, 20)]


async def test_time_stands_still_while_nobody_awaits_a_result() -> None:
    async with environment([nap], start_time=START) as env:
        handle = await env.client.start(nap(1))
        for _ in range(200):
            await asyncio.sleep(0)
        state = await handle.state()
        assert state.status is RuntimeStatus.RUNNING
        assert env.now() == START


async def test_time_begins_in_the_present_by_default() -> None:
    before = datetime.now(UTC)
    async with environment([nap]) as env:
        assert before <= env.now() <= datetime.now(UTC)


async def test_a_start_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        environment([nap], start_time=datetime(2026, 1, 1))


async def test_an_event_raised_in_the_same_go_beats_the_timeout() -> None:
    async with environment([approval]) as env:
        handle = await env.client.start(approval(1))

        async def approve() -> None:
            await asyncio.sleep(0)
            await handle.raise_event("approved", "yes")

        result, _ = await asyncio.gather(handle.result(), approve())
        assert result == "yes"


async def test_without_an_event_the_timeout_comes() -> None:
    async with environment([approval], start_time=START) as env:
        handle = await env.client.start(approval(1))
        assert await handle.result() == "too late"
        assert env.now() == START + timedelta(days=1)


async def test_time_waits_for_a_running_activity() -> None:
    go_on = asyncio.Event()

    @activity
    async def slow() -> str:
        await go_on.wait()
        return "done"

    @orchestrator
    async def patient() -> str:
        async with asyncio.timeout(60):
            return await slow()

    async with environment([patient, slow], start_time=START) as env:
        handle = await env.client.start(patient())
        result = asyncio.ensure_future(handle.result())
        for _ in range(200):
            await asyncio.sleep(0)
        assert env.now() == START
        go_on.set()
        assert await result == "done"


async def test_an_instance_starts_at_its_time() -> None:
    async with environment([nap], start_time=START) as env:
        handle = await env.client.start(nap(0), start_at=START + timedelta(hours=2))
        await env.advance(timedelta(hours=1))
        assert (await handle.state()).status is RuntimeStatus.PENDING
        assert await handle.result() == START + timedelta(hours=2)


async def test_retries_wait_in_virtual_time() -> None:
    attempts: list[datetime] = []

    @activity(retry=RetryPolicy(max_attempts=3, initial_interval=60, backoff=10, max_interval=3600))
    async def flaky() -> str:
        attempts.append(env.now())
        if len(attempts) < 3:
            raise ConnectionError("try again")
        return "done"

    @orchestrator
    async def flow() -> str:
        return await flaky()

    async with environment([flow, flaky], start_time=START) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == "done"
    assert attempts == [START + timedelta(minutes=minutes) for minutes in (0, 1, 11)]


# ---- advance -------------------------------------------------------------------------------


async def test_advance_goes_just_as_far_as_it_says() -> None:
    async with environment([nap], start_time=START) as env:
        handle = await env.client.start(nap(100))
        await env.advance(99)
        assert (await handle.state()).status is RuntimeStatus.RUNNING
        await env.advance(timedelta(seconds=1))
        assert (await handle.state()).status is RuntimeStatus.COMPLETED
        assert env.now() == START + timedelta(seconds=100)


async def test_advance_stops_at_each_timer_on_its_way() -> None:
    async with environment([naps], start_time=START) as env:
        handle = await env.client.start(naps(10))
        await env.advance(timedelta(hours=1))
        assert await handle.result() == START + timedelta(minutes=10)
        assert env.now() == START + timedelta(hours=1)


async def test_advance_lets_activities_end_between_timers() -> None:
    async with environment([double_in_steps, double], start_time=START) as env:
        handle = await env.client.start(double_in_steps(1, 10))
        await env.advance(600)
        state = await handle.state()
        assert (state.status, state.output) == (RuntimeStatus.COMPLETED, 1_024)


async def test_advance_lets_a_thread_end_that_has_just_begun() -> None:
    @orchestrator
    async def flow() -> int:
        number = await double_in_thread(21)
        await asyncio.sleep(60)
        return number

    async with environment([flow, double_in_thread]) as env:
        handle = await env.client.start(flow())
        await env.advance(60)
        assert (await handle.state()).output == 42


async def test_advance_does_not_wait_for_an_activity_that_runs_on() -> None:
    never = asyncio.Event()

    @activity
    async def endless() -> None:
        await never.wait()

    @orchestrator
    async def impatient() -> str:
        try:
            async with asyncio.timeout(60):
                await endless()
        except TimeoutError:
            return "gave up"
        return "done"

    async with environment([impatient, endless]) as env:
        handle = await env.client.start(impatient())
        await env.advance(60)
        assert (await handle.state()).output == "gave up"


async def test_advance_moves_time_though_nothing_is_there() -> None:
    async with environment([nap], start_time=START) as env:
        await env.advance(5)
        await env.advance(0)
        assert env.now() == START + timedelta(seconds=5)


@pytest.mark.parametrize("duration", [-1, float("nan"), float("inf")])
async def test_time_cannot_be_advanced_by_what_is_no_duration(duration: float) -> None:
    async with environment([nap]) as env:
        with pytest.raises(ValueError, match="the time to advance"):
            await env.advance(duration)


async def test_advance_and_a_result_that_is_awaited_get_along() -> None:
    async with environment([nap], start_time=START) as env:
        handle = await env.client.start(nap(3_600))
        result = asyncio.ensure_future(handle.result())
        await env.advance(60)
        assert await result == START + timedelta(hours=1)


# ---- what would hang -----------------------------------------------------------------------


async def test_an_activity_that_is_not_registered_is_an_error_at_once() -> None:
    async with environment([double_all]) as env:
        handle = await env.client.start(double_all([1]))
        with pytest.raises(NotRegisteredError, match=r"'double'.*test_environment.py:\d+"):
            await handle.result()
        await env.deploy([double_all, double])
        assert await handle.result() == [2]


async def test_an_activity_method_that_is_not_registered_needs_its_instance() -> None:
    class Till:
        @activity
        async def open(self) -> str:
            return "open"

    @orchestrator
    async def trade() -> str:
        return await Till.open()

    async with environment([trade]) as env:
        handle = await env.client.start(trade())
        with pytest.raises(NotRegisteredError, match=r"give an instance of Till, not only"):
            await handle.result()
        await env.deploy([trade, Till()])
        assert await handle.result() == "open"


async def test_an_orchestrator_that_is_not_registered_is_an_error_at_once() -> None:
    async with environment([double]) as env:
        handle = await env.client.start(double_all([1]), id="x")
        with pytest.raises(NotRegisteredError, match="'double_all'"):
            await handle.result()
        assert (await handle.state()).status is RuntimeStatus.PENDING
        await env.deploy([double_all, double])
        assert await handle.result() == [2]


async def test_a_deadlock_is_an_error_that_names_every_task_and_its_line() -> None:
    @orchestrator
    async def stuck() -> None:
        lock = asyncio.Lock()

        async def never_get_it() -> None:
            await lock.acquire()

        await lock.acquire()
        await asyncio.gather(never_get_it(), never_get_it())

    async with environment([stuck]) as env:
        handle = await env.client.start(stuck(), id="x")
        with pytest.raises(DeadlockError) as caught:
            await handle.result()
        assert str(caught.value).count("test_environment.py:") == 3
        state = await handle.state()
        assert state.waiting_for == "nothing"
        await handle.terminate("it is stuck")
        assert (await handle.wait()).status is RuntimeStatus.TERMINATED


async def test_a_problem_of_one_instance_is_not_told_to_those_who_wait_for_another() -> None:
    async with environment([double_all, nap]) as env:
        bad = await env.client.start(double_all([1]))
        good = await env.client.start(nap(60))
        outcome, _ = await asyncio.gather(bad.result(), good.result(), return_exceptions=True)
        assert isinstance(outcome, NotRegisteredError)
        assert isinstance(await good.result(), datetime)


async def test_an_unknown_instance_is_an_error() -> None:
    async with environment([nap]) as env:
        with pytest.raises(InstanceNotFoundError, match="'nobody'"):
            await env.client.handle("nobody").result()


async def test_an_attempt_that_takes_too_long_is_stopped_in_real_time() -> None:
    @activity(timeout=0.01)
    async def slow() -> None:
        await asyncio.Event().wait()

    @orchestrator
    async def flow() -> str:
        try:
            await slow()
        except ActivityTimeoutError:
            return "timed out"
        return "done"

    async with environment([flow, slow]) as env:
        assert await (await env.client.start(flow())).result() == "timed out"


# ---- life ----------------------------------------------------------------------------------


async def test_an_environment_can_be_used_only_while_it_is_open() -> None:
    env = environment([nap])
    with pytest.raises(RuntimeError, match="not open"):
        await env.advance(1)
    async with env:
        handle = await env.client.start(nap(1))
    with pytest.raises(RuntimeError, match="not open"):
        await handle.state()


async def test_closing_cancels_what_runs_and_tells_those_who_wait() -> None:
    trace: list[str] = []

    @activity
    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            trace.append("closed")

    @orchestrator
    async def flow() -> None:
        await endless()

    async with environment([flow, endless]) as env:
        handle = await env.client.start(flow())
        result = asyncio.ensure_future(handle.result())
        await env.advance(0)
    with pytest.raises(StoreError, match="closed"):
        await result
    for _ in range(5):
        await asyncio.sleep(0)
    assert trace == ["closed"]


@pytest.mark.parametrize("rebuild", [False, True])
async def test_a_line_that_is_replayed_is_logged_once(
    caplog: pytest.LogCaptureFixture, rebuild: bool
) -> None:
    shop = logging.getLogger("shop")

    @orchestrator
    async def chatty() -> None:
        for number in range(3):
            shop.warning("before %d", number)
            await double(number)

    filters = list(caplog.handler.filters)
    async with environment([chatty, double], rebuild=rebuild) as env:
        await (await env.client.start(chatty())).result()
    assert [each.getMessage() for each in caplog.records] == ["before 0", "before 1", "before 2"]
    assert caplog.handler.filters == filters


async def test_an_error_of_the_test_passes_through() -> None:
    async def fail() -> None:
        async with environment([nap]) as env:
            await env.client.start(nap(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()


async def test_environments_do_not_see_each_other() -> None:
    @asynccontextmanager
    async def with_instance() -> AsyncIterator[Any]:
        async with environment([nap], start_time=START) as env:
            await env.client.start(nap(60), id="same")
            yield env

    async with with_instance() as one, with_instance() as other:
        await one.advance(60)
        assert (await one.client.handle("same").state()).status is RuntimeStatus.COMPLETED
        assert (await other.client.handle("same").state()).status is RuntimeStatus.RUNNING
        assert other.now() == START


async def test_a_client_of_an_environment_passes_for_any_client() -> None:
    from durable_async.app import Client

    async with environment([nap]) as env:
        assert isinstance(env.client, Client)
