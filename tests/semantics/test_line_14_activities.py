"""Activities: lines 14 to 17."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

import durable_async as da
from durable_async.model.history import ActivityFailed, ActivityScheduled

from .worlds import World, after, kinds_of


async def test_a_completed_activity_never_runs_again(world: World) -> None:
    """Line 14."""
    ran: list[int] = []

    @da.activity
    async def step(number: int) -> int:
        ran.append(number)
        return number

    @da.orchestrator
    async def flow() -> int:
        total = 0
        for number in range(3):
            total += await step(number)
            await asyncio.sleep(60)
        return total

    async with world([flow, step]) as env:
        handle = await env.client.start(flow())
        for _ in range(3):
            await env.advance(61)
            await env.crash()
        assert await handle.result() == 3
    assert ran == [0, 1, 2]


async def test_an_activity_whose_worker_died_runs_again(world: World) -> None:
    """Line 14."""
    began: list[int] = []

    @da.activity
    async def step() -> int:
        began.append(da.activity_info().attempt)
        if len(began) == 1:
            await asyncio.Event().wait()
        return len(began)

    @da.orchestrator
    async def flow() -> int:
        return await step()

    async with world([flow, step]) as env:
        handle = await env.client.start(flow())
        while not began:
            await asyncio.sleep(0)
        await env.crash()
        assert await handle.result() == 2


async def test_retries_add_no_history_and_are_seen_from_outside(world: World) -> None:
    """Line 14."""
    at: list[datetime] = []

    policy = da.RetryPolicy(max_attempts=5, initial_interval=10, backoff=3, max_interval=60)

    @da.activity(retry=policy)
    async def flaky() -> str:
        at.append(env.now())
        if len(at) < 5:
            raise ConnectionError(f"attempt {len(at)}")
        return "done"

    @da.orchestrator
    async def flow() -> str:
        return await flaky()

    async with world([flow, flaky]) as env:
        handle = await env.client.start(flow())
        await env.advance(5)
        (waiting,) = (await handle.state()).pending
        assert waiting.kind == "activity"
        assert waiting.attempt == 2
        assert waiting.due_at == after(10)
        assert waiting.last_failure is not None
        assert waiting.last_failure.message == "attempt 1"
        assert "attempt 2 due" in await handle.stack()
        assert await handle.result() == "done"
        history = await handle.history()
        assert len(kinds_of(history, ActivityScheduled)) == 1
        assert kinds_of(history, ActivityFailed) == []
    assert at == [after(seconds) for seconds in (0, 10, 40, 100, 160)]


async def test_a_delay_past_the_budget_and_a_failure_not_to_be_retried_end_it(
    world: World,
) -> None:
    """Line 14."""
    attempts: list[str] = []

    @da.activity(
        retry=da.RetryPolicy(
            max_attempts=10, initial_interval=10, backoff=1, timeout=25, non_retryable=(KeyError,)
        )
    )
    async def flaky(kind: str) -> None:
        attempts.append(kind)
        raise KeyError(kind) if kind == "key" else ValueError(kind)

    @da.orchestrator
    async def flow(kind: str) -> None:
        await flaky(kind)

    async with world([flow, flaky]) as env:
        for kind, error in (("value", ValueError), ("key", KeyError)):
            with pytest.raises(error):
                await (await env.client.start(flow(kind))).result()
    assert attempts == ["value"] * 3 + ["key"]


async def test_an_attempt_that_takes_too_long_is_a_failure_that_retries(world: World) -> None:
    """Line 15: the time of attempts is real time."""
    attempts: list[int] = []

    @da.activity(timeout=0.02, retry=da.RetryPolicy(max_attempts=2))
    async def slow() -> None:
        attempts.append(da.activity_info().attempt)
        await asyncio.Event().wait()

    @da.activity(heartbeat_timeout=0.02)
    async def silent() -> None:
        await asyncio.Event().wait()

    @da.orchestrator
    async def flow() -> list[str]:
        found = []
        for call in (slow, silent):
            try:
                await call()
            except TimeoutError as error:
                found.append(type(error).__name__)
        return found

    async with world([flow, slow, silent]) as env:
        result = await (await env.client.start(flow())).result()
        assert result == ["ActivityTimeoutError", "ActivityTimeoutError"]
    assert attempts == [1, 2]


async def test_a_stop_iteration_out_of_a_def_becomes_a_runtime_error(world: World) -> None:
    """Line 15."""

    @da.activity
    def first(numbers: list[int]) -> int:
        return next(iter(numbers))

    @da.orchestrator
    async def flow() -> int:
        return await first([])

    async with world([flow, first]) as env:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await (await env.client.start(flow())).result()


@pytest.mark.parametrize("mode", ["now", "wait"])
async def test_cancelling_the_await_cancels_the_running_activity(
    world: World, mode: Literal["now", "wait"]
) -> None:
    """Line 16."""
    begun, tidy = asyncio.Event(), asyncio.Event()
    seen: list[str] = []

    @da.activity
    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cancelled")
            await tidy.wait()
            seen.append("tidied")

    @da.activity
    async def say(what: str) -> None:
        seen.append(what)

    @da.orchestrator
    async def flow() -> str:
        task = asyncio.ensure_future(work.options(cancel=mode)())
        await da.wait_for_event("stop")
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            await say("went on")
        return "done"

    async with world([flow, work, say]) as env:
        handle = await env.client.start(flow())
        await begun.wait()
        await handle.raise_event("stop")
        while "cancelled" not in seen or (mode == "now" and "went on" not in seen):
            await asyncio.sleep(0)
        assert ("went on" in seen) == (mode == "now")
        tidy.set()
        assert await handle.result() == "done"
        while len(seen) < 3:
            await asyncio.sleep(0)
    assert sorted(seen) == ["cancelled", "tidied", "went on"]


async def test_a_queued_activity_is_taken_back(world: World) -> None:
    """Line 16."""
    ran: list[int] = []

    @da.activity(retry=da.RetryPolicy(max_attempts=9, initial_interval=100))
    async def flaky() -> None:
        ran.append(1)
        raise ConnectionError("again")

    @da.orchestrator
    async def flow() -> str:
        try:
            async with asyncio.timeout(50):  # its second attempt waits by then
                await flaky()
        except TimeoutError:
            await asyncio.sleep(1_000)
        return "done"

    async with world([flow, flaky]) as env:
        assert await (await env.client.start(flow())).result() == "done"
    assert ran == [1]


async def test_a_def_sees_its_cancellation_at_its_next_heartbeat(world: World) -> None:
    """Line 16."""
    begun, asked, seen = threading.Event(), threading.Event(), threading.Event()

    @da.activity
    def work() -> None:
        begun.set()
        try:
            while True:
                asked.wait(0.001)
                da.heartbeat()
        except asyncio.CancelledError:
            seen.set()
            raise

    @da.orchestrator
    async def flow() -> str:
        task = asyncio.ensure_future(work())
        await da.wait_for_event("stop")
        task.cancel()
        return "done"

    async with world([flow, work]) as env:
        handle = await env.client.start(flow())
        await asyncio.to_thread(begun.wait, 30)
        await handle.raise_event("stop")
        assert await handle.result() == "done"
        assert await asyncio.to_thread(seen.wait, 30)


async def test_a_def_runs_in_a_thread_and_stalls_nobody(world: World) -> None:
    """Line 17."""
    let_go = threading.Event()

    @da.activity
    def block() -> bool:
        return let_go.wait(30) and threading.current_thread() is not threading.main_thread()

    @da.activity
    async def release() -> None:
        let_go.set()

    @da.orchestrator
    async def flow() -> bool:
        blocked, _ = await asyncio.gather(block(), release())
        return blocked

    async with world([flow, block, release]) as env:
        assert await (await env.client.start(flow())).result()


async def test_time_that_is_to_be_unlimited_may_be_written_as_timedelta_max(world: World) -> None:
    """Lines 14 and 15."""
    ever = timedelta.max
    deadlines: list[datetime | None] = []

    @da.activity(
        retry=da.RetryPolicy(max_attempts=3, max_interval=ever, timeout=ever, backoff=1_000),
        timeout=ever,
        heartbeat_timeout=ever,
    )
    async def flaky() -> None:
        deadlines.append(da.activity_info().deadline)
        raise ValueError("busy")

    @da.orchestrator
    async def flow() -> None:
        await flaky()

    async with world([flow, flaky]) as env:
        began = env.now()
        with pytest.raises(ValueError, match="busy"):
            await (await env.client.start(flow())).result()
        assert env.now() - began == timedelta(seconds=1 + 1_000)
    assert deadlines == [datetime.max.replace(tzinfo=UTC)] * 3


async def test_an_environment_whose_time_has_come_to_its_end_still_works(world: World) -> None:
    """Line 10."""

    @da.orchestrator
    async def flow() -> datetime:
        await da.sleep_until(datetime.max.replace(tzinfo=UTC))
        return da.now()

    async with world([flow]) as env:
        assert (await (await env.client.start(flow())).result()).year == 9999
        await env.advance(timedelta.max)
        assert (await (await env.client.start(flow())).result()).year == 9999


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_a_should_retry_that_exits_ends_the_activity_and_not_the_worker(
    world: World, kind: str
) -> None:
    """Line 14."""

    def exits(_: da.Failure) -> bool:
        sys.exit(3)

    policy = da.RetryPolicy(should_retry=exits)

    @da.activity(retry=policy)
    async def on_loop() -> None:
        raise ValueError("busy")

    @da.activity(retry=policy)
    def in_thread() -> None:
        raise ValueError("busy")

    @da.orchestrator
    async def flow() -> str:
        with pytest.raises(ValueError, match="busy"):
            await (on_loop() if kind == "async def" else in_thread())
        return "goes on"

    async with world([flow, on_loop, in_thread]) as env:
        assert await (await env.client.start(flow())).result() == "goes on"


async def test_a_thread_of_an_activity_gives_its_heartbeats_only_in_its_context(
    world: World,
) -> None:
    """Line 15."""
    found: list[object] = []

    def speak(details: str) -> None:
        da.heartbeat(details)

    @da.activity(retry=da.RetryPolicy(initial_interval=0, max_attempts=3))
    def work() -> None:
        info = da.activity_info()
        found.append(info.last_heartbeat)
        arguments = ((speak, "heard"), (contextvars.copy_context().run, speak, "heard"))
        target, *args = arguments[info.attempt > 1]
        thread = threading.Thread(target=target, args=args)
        thread.start()
        thread.join()
        if info.attempt < 3:
            raise ValueError("busy")

    @da.orchestrator
    async def flow() -> None:
        await work()

    async with world([flow, work]) as env:
        await (await env.client.start(flow())).result()
    assert found == [None, None, "heard"]
