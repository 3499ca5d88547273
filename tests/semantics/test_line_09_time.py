"""Time: lines 9 to 11."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import durable_async as da
from durable_async.model.history import TimerFired

from .worlds import World, after, kinds_of


@da.activity
async def pause() -> None:
    await asyncio.sleep(0)


async def test_time_is_that_of_the_episode_and_constant_within_it(world: World) -> None:
    """Line 9."""

    @da.orchestrator
    async def flow() -> list[datetime]:
        loop, seen = asyncio.get_running_loop(), []
        for _ in range(3):
            assert loop.time() == da.now().timestamp()
            await asyncio.sleep(0)  # a step of the loop, and no episode
            seen.append(da.now())
        await asyncio.sleep(5)
        return [*seen, da.now()]

    async with world([flow]) as env:
        seen = await (await env.client.start(flow())).result()
        assert seen == [after(0)] * 3 + [after(5)]


class WrongClock:
    """A clock that is set by the test, back as well."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


async def test_time_never_goes_back_even_when_the_engines_clock_does(world: World) -> None:
    """Line 9."""
    clock = WrongClock()

    @da.orchestrator
    async def flow() -> list[datetime]:
        seen = [da.now()]
        async for _ in da.events("tick"):
            seen.append(da.now())
            if len(seen) == 4:
                break
        return seen

    async with world([flow], engine=world.engine(clock)) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        for step in (10, -86_400, 10):
            clock.time += timedelta(seconds=step)
            await handle.raise_event("tick")
            await env.advance(0)
        seen = await handle.result()
        assert seen == sorted(seen)
        assert seen[1] == datetime(2026, 1, 1, 12, 0, 10, tzinfo=UTC)


async def test_timers_of_no_length_and_past_ones_are_over_at_once(world: World) -> None:
    """Line 10."""

    @da.orchestrator
    async def flow() -> datetime:
        await asyncio.sleep(0)
        await da.sleep(timedelta(days=-1))
        await da.sleep_until(da.now() - timedelta(days=1))
        return da.now()

    async with world([flow]) as env:
        assert await (await env.client.start(flow())).result() == after(0)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")], ids=str)
async def test_timers_that_cannot_be_are_refused_at_the_call(world: World, seconds: float) -> None:
    """Line 10."""

    @da.orchestrator
    async def flow() -> str:
        try:
            await da.sleep(seconds)
        except ValueError:
            return "refused"
        return "slept"

    async with world([flow]) as env:
        assert await (await env.client.start(flow())).result() == "refused"


async def test_a_timer_may_be_centuries_long(world: World) -> None:
    """Line 10."""

    @da.orchestrator
    async def flow() -> datetime:
        await asyncio.sleep(timedelta(days=365 * 500).total_seconds())
        return da.now()

    async with world([flow]) as env:
        woken = await (await env.client.start(flow())).result()
        assert woken == after(timedelta(days=365 * 500).total_seconds())


async def test_a_cancelled_timer_does_not_fire(world: World) -> None:
    """Line 10."""

    @da.orchestrator
    async def flow() -> str:
        async with asyncio.timeout(10):
            await asyncio.sleep(5)
        await asyncio.sleep(10)
        return "done"

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == "done"
        assert env.now() == after(15)
        assert len(kinds_of(await handle.history(), TimerFired)) == 2


@da.orchestrator
async def approval() -> str:
    try:
        async with asyncio.timeout(12 * 3_600):
            return await da.wait_for_event("approved", str)
    except TimeoutError:
        return "too late"


@pytest.mark.parametrize(
    ("raised_at", "outcome"), [(-60, "approved"), (60, "too late")], ids=["before", "after"]
)
async def test_what_came_first_by_the_engines_clock_wins_whenever_a_worker_runs(
    world: World, raised_at: int, outcome: str
) -> None:
    """Lines 11 and 23: suspended, so that no episode runs before 13:00."""
    async with world([approval]) as env:
        handle = await env.client.start(approval())
        await env.advance(0)
        await handle.suspend("a slow night")
        await env.advance(12 * 3_600 + raised_at)
        await handle.raise_event("approved", "approved")
        await env.advance(3_600 - raised_at)
        await handle.resume()
        assert await handle.result() == outcome
