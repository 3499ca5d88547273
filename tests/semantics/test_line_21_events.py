"""Events: lines 21 and 22."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import durable_async as da

from .worlds import World


@da.orchestrator
async def first_of(name: str) -> Any:
    return await da.wait_for_event(name)


async def test_names_match_exactly(world: World) -> None:
    """Line 21."""
    async with world([first_of]) as env:
        handle = await env.client.start(first_of("Approved"))
        await handle.raise_event("approved", 1)
        await handle.raise_event("Approved ", 2)
        await handle.raise_event("Approved", 3)
        assert await handle.result() == 3


async def test_events_wait_for_a_waiter_and_are_served_in_order(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[int]:
        await da.wait_for_event("go")
        return [await da.wait_for_event("number", int) for _ in range(3)]

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        for number in range(3):
            await handle.raise_event("number", number)
            await env.advance(1)
        await handle.raise_event("go")
        assert await handle.result() == [0, 1, 2]


async def test_one_event_wakes_one_waiter_the_first(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[str]:
        order: list[str] = []

        async def wait(name: str) -> None:
            order.append(name + await da.wait_for_event("letter", str))

        async with asyncio.TaskGroup() as group:
            for name in "abc":
                group.create_task(wait(name))
        return order

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        for letter in "xyz":
            await env.advance(1)
            await handle.raise_event("letter", letter)
        assert await handle.result() == ["ax", "by", "cz"]


async def test_a_waiter_that_was_cancelled_swallows_nothing(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[str]:
        found = []
        try:
            async with asyncio.timeout(10):
                found.append(await da.wait_for_event("letter", str))
        except TimeoutError:
            found.append("too late")
        found.append(await da.wait_for_event("letter", str))
        return found

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        await env.advance(11)
        await handle.raise_event("letter", "a")
        assert await handle.result() == ["too late", "a"]


async def test_an_event_handed_to_a_waiter_that_is_cancelled_before_it_resumes_is_not_lost(
    world: World,
) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[str]:
        async def wait() -> str:
            return await da.wait_for_event("letter", str)

        async def cancel_when_told(task: asyncio.Task[str]) -> None:
            await da.wait_for_event("stop")
            task.cancel()

        task = asyncio.create_task(wait())
        stopper = asyncio.create_task(cancel_when_told(task))
        await asyncio.sleep(0)
        await asyncio.wait([task, stopper])
        return [await da.wait_for_event("letter", str) for _ in range(2)]

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await handle.suspend()
        await handle.raise_event("stop")
        await handle.raise_event("letter", "a")
        await handle.raise_event("letter", "b")
        await handle.resume()
        assert await handle.result() == ["a", "b"]


async def test_data_that_does_not_fit_raises_at_the_await_and_is_consumed(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[Any]:
        try:
            await da.wait_for_event("number", int)
        except da.SerializationError:
            return ["refused", await da.wait_for_event("number", int)]
        return ["not reached"]

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        await handle.raise_event("number", "one")
        await handle.raise_event("number", 2)
        assert await handle.result() == ["refused", 2]


async def test_a_stream_gives_events_one_after_the_other(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def flow() -> list[int]:
        found = []
        async for number in da.events("number", int):
            await asyncio.sleep(5)
            found.append(number)
            if len(found) == 3:
                break
        return found

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        for number in (3, 1, 2):
            await handle.raise_event("number", number)
        assert await handle.result() == [3, 1, 2]


async def test_instances_send_events_to_one_another(world: World) -> None:
    """Line 21."""

    @da.orchestrator
    async def send() -> str:
        da.send_event("receiver", "letter", "for you")
        da.send_event("nobody", "letter", "dropped")
        return "sent"

    async with world([send, first_of]) as env:
        receiver = await env.client.start(first_of("letter"), id="receiver")
        assert await (await env.client.start(send())).result() == "sent"
        assert await receiver.result() == "for you"


async def test_a_question_is_answered_once_and_time_goes_on_while_it_is_asked(
    world: World,
) -> None:
    """Line 21: requests keep the rules of events."""

    @da.orchestrator
    async def quote() -> str:
        async for request in da.requests("price", int):
            await asyncio.sleep(3_600)
            if request.data == 0:
                request.reject("nothing is free")
                return "closed"
            request.reply(request.data * 10)
        return "not reached"

    async with world([quote]) as env:
        handle = await env.client.start(quote())
        assert await handle.ask("price", 4, int) == 40
        with pytest.raises(da.RequestRejectedError, match="nothing is free"):
            await handle.ask("price", 0, int)
        assert await handle.result() == "closed"


async def test_raising_to_one_that_has_ended_or_is_unknown_is_an_error(world: World) -> None:
    """Line 22."""
    async with world([first_of]) as env:
        handle = await env.client.start(first_of("letter"))
        await handle.raise_event("letter", 1)
        await handle.result()
        with pytest.raises(da.InstanceFinishedError):
            await handle.raise_event("letter", 2)
        with pytest.raises(da.InstanceNotFoundError):
            await env.client.handle("nobody").raise_event("letter", 3)
