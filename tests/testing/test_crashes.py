"""Workers that vanish, and new releases, in a test environment."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import now, set_custom_status, sleep, wait_for_event
from durable_async.errors import (
    NonDeterminismError,
    WorkerLostError,
)
from durable_async.model.status import RuntimeStatus
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


@activity
async def double(number: int) -> int:
    return 2 * number


@orchestrator
async def nap(seconds: float) -> datetime:
    await asyncio.sleep(seconds)
    return now()


@orchestrator
async def double_all(numbers: list[int]) -> list[int]:
    return list(await asyncio.gather(*(double(number) for number in numbers)))


# ---- crashes -------------------------------------------------------------------------------


async def test_a_crash_loses_nothing_that_was_done() -> None:
    runs: list[int] = []

    @activity
    async def step(number: int) -> int:
        runs.append(number)
        return number

    @orchestrator
    async def flow() -> list[int]:
        results = []
        for number in range(5):
            results.append(await step(number))
            await asyncio.sleep(60)
        return results

    async with environment([flow, step]) as env:
        handle = await env.client.start(flow())
        for _ in range(5):
            await env.advance(30)
            await env.crash()
            await env.advance(30)
        assert await handle.result() == [0, 1, 2, 3, 4]
    assert runs == [0, 1, 2, 3, 4]


async def test_a_crash_cancels_the_bodies_that_run_and_runs_them_again() -> None:
    trace: list[str] = []
    go_on = asyncio.Event()

    @activity
    async def slow() -> str:
        trace.append("begun")
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            trace.append("cancelled")
            raise
        return "done"

    @orchestrator
    async def flow() -> str:
        return await slow()

    async with environment([flow, slow]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await env.crash()
        await env.advance(0)
        go_on.set()
        assert await handle.result() == "done"
    assert trace == ["begun", "cancelled", "begun"]


async def test_a_crash_is_the_loss_of_an_activity_that_must_not_run_twice() -> None:
    runs: list[str] = []

    @activity(on_lost="fail")
    async def pay() -> None:
        runs.append("paid")
        await asyncio.Event().wait()

    @orchestrator
    async def flow() -> str:
        try:
            await pay()
        except WorkerLostError as error:
            return str(error)
        return "paid"

    async with environment([flow, pay]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await env.crash()
        assert "on_lost='fail'" in await handle.result()
    assert runs == ["paid"]


async def test_what_a_thread_returns_after_the_crash_is_dropped() -> None:
    may_end = threading.Event()
    runs: list[str] = []

    @activity
    def slow() -> str:
        runs.append("run")
        if len(runs) == 1:
            may_end.wait(30)
            return "of the dead"
        return "of the living"

    @orchestrator
    async def flow() -> str:
        return await slow()

    async with environment([flow, slow]) as env:
        handle = await env.client.start(flow())
        while not runs:
            await env.advance(0)
        await env.crash()
        result = asyncio.ensure_future(handle.result())
        await asyncio.sleep(0)
        may_end.set()
        assert await result == "of the living"


@pytest.mark.parametrize("settings", [{"rebuild": True}, {"crash": "every-commit"}, {"cache": 1}])
async def test_a_worker_without_memory_comes_to_the_same(settings: dict[str, Any]) -> None:
    runs: list[int] = []

    @activity
    async def step(number: int) -> int:
        runs.append(number)
        return number

    @orchestrator
    async def flow(numbers: list[int]) -> list[int]:
        set_custom_status("working")
        first = await asyncio.gather(*(step(number) for number in numbers))
        await asyncio.sleep(3_600)
        async with asyncio.timeout(86_400):
            more = await wait_for_event("more", list[int])
        return [*first, *[await step(number) for number in more]]

    async with environment([flow, step], start_time=START, **settings) as env:
        handles = [await env.client.start(flow([n, n + 1])) for n in (0, 10)]
        await env.advance(7_200)
        for handle in handles:
            assert (await handle.state()).custom_status == "working"
            await handle.raise_event("more", [7, 8, 9])
        results = [await handle.result() for handle in handles]
    assert results == [[0, 1, 7, 8, 9], [10, 11, 7, 8, 9]]
    if "crash" in settings:
        assert set(runs) == {0, 1, 7, 8, 9, 10, 11}  # what ran at a crash ran again
    else:
        assert sorted(runs) == [0, 1, 7, 7, 8, 8, 9, 9, 10, 11]


async def test_crashes_at_every_commit_spare_what_must_not_run_twice() -> None:
    runs: list[int] = []

    @activity(on_lost="fail")
    async def pay(number: int) -> int:
        runs.append(number)
        await asyncio.sleep(0)
        return number

    @orchestrator
    async def flow() -> list[int]:
        return list(await asyncio.gather(*(pay(number) for number in range(8))))

    async with environment([flow, pay], crash="every-commit") as env:
        handle = await env.client.start(flow())
        assert await handle.result() == list(range(8))
    assert sorted(runs) == list(range(8))


async def test_a_wide_group_survives_crashes_at_every_commit() -> None:
    async with environment([double_all, double], crash="every-commit") as env:
        handle = await env.client.start(double_all(list(range(30))))
        assert await handle.result() == [2 * number for number in range(30)]


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="rebuild=True"):
        environment([nap], rebuild=True, cache=5)
    with pytest.raises(ValueError, match="every-commit"):
        environment([nap], crash="sometimes")


# ---- releases ------------------------------------------------------------------------------


def releases() -> tuple[Any, Any, Any]:
    """Three releases of one flow: the second does not go with what the first has recorded."""

    @orchestrator(name="flow")
    async def first() -> str:
        await sleep(60)
        return "first"

    @orchestrator(name="flow")
    async def second() -> str:
        return str(await double(1))

    @orchestrator(name="flow")
    async def third() -> str:
        await sleep(60)
        return "third"

    return first, second, third


async def test_a_new_release_takes_over_waiting_instances() -> None:
    first, _, third = releases()
    async with environment([first]) as env:
        handle = await env.client.start(first())
        await env.advance(1)
        await env.deploy([third])
        assert await handle.result() == "third"


async def test_code_that_does_not_fit_blocks_and_the_right_code_goes_on() -> None:
    first, second, third = releases()
    async with environment([first]) as env:
        handle = await env.client.start(first())
        await env.advance(1)
        await env.deploy([second, double])
        with pytest.raises(NonDeterminismError, match=r"a timer.*activity 'double'"):
            await handle.result()
        state = await handle.state()
        assert state.status is RuntimeStatus.BLOCKED
        assert "'double'" in (state.blocked or "")
        with pytest.raises(NonDeterminismError):
            await handle.wait()
        await env.deploy([third])
        assert await handle.result() == "third"


async def test_a_release_hands_back_running_activities_without_loss() -> None:
    trace: list[str] = []
    go_on = asyncio.Event()

    @activity(name="step")
    async def old_step() -> str:
        trace.append("old")
        await go_on.wait()
        return "old"

    @activity(name="step")
    async def new_step() -> str:
        trace.append("new")
        return "new"

    @orchestrator
    async def flow() -> str:
        return await old_step()

    async with environment([flow, old_step]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await env.deploy([flow, new_step])
        assert await handle.result() == "new"
    assert trace == ["old", "new"]


async def test_fakes_stay_when_a_new_release_comes() -> None:
    async with environment([double_all, double]) as env:
        env.replace(double, lambda number: -number)
        await env.deploy([double_all, double])
        assert await (await env.client.start(double_all([3]))).result() == [-3]


async def test_a_deployment_of_two_definitions_with_one_name_changes_nothing() -> None:
    first, second, _ = releases()
    async with environment([first]) as env:
        with pytest.raises(ValueError, match="defined twice"):
            await env.deploy([first, second])
        assert await (await env.client.start(first())).result() == "first"
