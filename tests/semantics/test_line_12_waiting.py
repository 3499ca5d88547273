"""Waiting on several things: lines 12 and 13."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import durable_async as da

from .worlds import World, after


@da.activity
async def double(number: int) -> int:
    return 2 * number


async def nap(seconds: float, value: Any) -> Any:
    await asyncio.sleep(seconds)
    if isinstance(value, Exception):
        raise value
    return value


async def test_gather_gives_results_in_the_order_of_its_arguments(world: World) -> None:
    """Line 12."""

    @da.orchestrator
    async def flow() -> list[int]:
        return list(await asyncio.gather(nap(30, 1), double(1), nap(10, 3), double(2)))

    async with world([flow, double]) as env:
        assert await (await env.client.start(flow())).result() == [1, 2, 3, 4]


async def test_gather_raises_the_first_failure_in_the_order_of_history(world: World) -> None:
    """Line 12."""

    @da.orchestrator
    async def flow() -> None:
        await asyncio.gather(nap(30, ValueError("later")), nap(10, KeyError("first")))

    async with world([flow]) as env:
        with pytest.raises(KeyError, match="first"):
            await (await env.client.start(flow())).result()


async def test_a_task_group_collects_failures_and_cancels_siblings(world: World) -> None:
    """Line 12."""

    @da.orchestrator
    async def flow() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(nap(10, ValueError("mine")))
            group.create_task(nap(3_600, "never"))

    async with world([flow]) as env:
        with pytest.raises(ExceptionGroup) as caught:
            await (await env.client.start(flow())).result()
        (inner,) = caught.value.exceptions
        assert isinstance(inner, ValueError)
        assert env.now() == after(10)


async def test_as_completed_and_wait_follow_the_order_of_history(world: World) -> None:
    """Line 12."""

    @da.orchestrator
    async def flow() -> list[int]:
        found = []
        for each in asyncio.as_completed([nap(30, 3), nap(10, 1), nap(20, 2)]):
            found.append(await each)
        tasks = [asyncio.create_task(nap(seconds, seconds)) for seconds in (60, 40)]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert len(pending) == 1
        return [*found, *(task.result() for task in done)]

    async with world([flow]) as env:
        assert await (await env.client.start(flow())).result() == [1, 2, 3, 40]


async def test_gather_of_nothing_completes_at_once(world: World) -> None:
    """Line 13."""

    @da.orchestrator
    async def flow() -> list[int]:
        async with asyncio.TaskGroup():
            pass
        return list(await asyncio.gather())

    async with world([flow]) as env:
        assert await (await env.client.start(flow())).result() == []


async def test_a_task_may_stand_in_several_groups_and_be_over_before(world: World) -> None:
    """Line 13."""

    @da.orchestrator
    async def flow() -> list[Any]:
        shared = asyncio.ensure_future(double(4))
        both = await asyncio.gather(
            asyncio.gather(shared, double(1)), asyncio.gather(double(2), shared)
        )
        done, _ = await asyncio.wait([shared])
        return [both, await asyncio.gather(*done, shared)]

    async with world([flow, double]) as env:
        result = await (await env.client.start(flow())).result()
        assert result == [[[8, 2], [4, 8]], [8, 8]]
