"""Operators: lines 23 to 28."""

from __future__ import annotations

import asyncio

import pytest

import durable_async as da

from .worlds import World, after


@da.activity
async def note(what: str) -> str:
    return what


@da.orchestrator
async def careful(cleans_up: bool) -> str:
    try:
        await asyncio.sleep(3_600)
    except asyncio.CancelledError as error:
        await note(f"cleaned up: {error}")
        await asyncio.sleep(60)
        if cleans_up:
            return f"ended well: {error}"
        raise
    return "not reached"


# ---- suspend and resume --------------------------------------------------------------------


async def test_what_runs_finishes_while_it_is_suspended_and_its_result_waits(
    world: World,
) -> None:
    """Line 23."""
    gates = {name: asyncio.Event() for name in "ab"}
    finished: list[str] = []

    @da.activity
    async def gated(name: str) -> str:
        await gates[name].wait()
        finished.append(name)
        return name

    @da.orchestrator
    async def flow() -> list[str]:
        order = [await each for each in asyncio.as_completed([gated("a"), gated("b")])]
        return [*order, await note("next")]

    async with world([flow, gated, note]) as env:
        handle = await env.client.start(flow())
        await env.advance(1)
        await handle.suspend("let me look")
        length = (await handle.state()).history_length
        for name in "ba":
            gates[name].set()
            await env.advance(1)
        await env.crash()
        await env.advance(60)
        assert finished == ["b", "a"]
        state = await handle.state()
        assert state.status is da.RuntimeStatus.SUSPENDED
        assert state.suspended == "let me look"
        assert state.history_length == length
        await handle.resume()
        assert await handle.result() == ["b", "a", "next"]
    assert finished == ["b", "a"]


async def test_children_of_one_that_is_suspended_go_on(world: World) -> None:
    """Line 23."""

    @da.orchestrator
    async def parent() -> str:
        return await careful.options(id="child")(True)

    async with world([parent, careful, note]) as env:
        handle = await env.client.start(parent())
        await env.advance(1)
        await handle.suspend()
        await env.advance(3_600)
        child = await env.client.handle("child").state()
        assert child.status is da.RuntimeStatus.COMPLETED
        assert (await handle.state()).status is da.RuntimeStatus.SUSPENDED
        await handle.resume()
        assert await handle.result() == "not reached"


async def test_one_that_is_suspended_may_be_cancelled_and_cleans_up(world: World) -> None:
    """Lines 23 and 24."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(False))
        await env.advance(10)
        await handle.suspend("wait")
        await handle.cancel("not wanted any more")
        with pytest.raises(da.InstanceCancelledError, match="not wanted any more"):
            await handle.result()
        assert env.now() == after(70)


async def test_one_that_is_suspended_may_be_terminated(world: World) -> None:
    """Lines 23 and 24."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(False))
        await env.advance(10)
        await handle.suspend("wait")
        await handle.terminate("enough")
        with pytest.raises(da.InstanceTerminatedError, match="enough"):
            await handle.result()


async def test_one_that_is_suspended_before_it_begins_begins_when_it_is_resumed(
    world: World,
) -> None:
    """Lines 23 and 28."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(True), start_at=after(100))
        await handle.suspend("wait")
        await env.advance(200)
        state = await handle.state()
        assert (state.status, state.history_length) == (da.RuntimeStatus.SUSPENDED, 1)
        await handle.resume()
        assert await handle.result() == "not reached"
        assert env.now() == after(3_800)


# ---- cancel and terminate ------------------------------------------------------------------


async def test_code_that_is_cancelled_may_clean_up_with_durable_calls(world: World) -> None:
    """Line 24."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(False))
        await env.advance(10)
        await handle.cancel("not wanted any more")
        with pytest.raises(da.InstanceCancelledError, match="not wanted any more"):
            await handle.result()
        assert (await handle.state()).status is da.RuntimeStatus.CANCELLED
        assert env.now() == after(70)


async def test_it_ends_as_its_code_ends(world: World) -> None:
    """Line 24."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(True))
        await env.advance(10)
        await handle.cancel("never mind")
        assert await handle.result() == "ended well: never mind"
        assert (await handle.state()).status is da.RuntimeStatus.COMPLETED


async def test_each_request_is_one_cancel(world: World) -> None:
    """Line 24."""

    @da.orchestrator
    async def stubborn() -> list[str]:
        found: list[str] = []
        while len(found) < 2:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError as error:
                found.append(str(error))
        await asyncio.sleep(1)
        return found

    async with world([stubborn]) as env:
        handle = await env.client.start(stubborn())
        await env.advance(1)
        await handle.cancel("one")
        await env.advance(1)
        await handle.cancel("two")
        assert await handle.result() == ["one", "two"]


async def test_a_cancelled_error_that_nobody_asked_for_is_a_failure(world: World) -> None:
    """Line 24."""

    @da.orchestrator
    async def flow() -> None:
        raise asyncio.CancelledError("by its own code")

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        assert (await handle.wait()).status is da.RuntimeStatus.FAILED


async def test_one_that_has_not_begun_is_cancelled_without_running(world: World) -> None:
    """Line 24."""
    ran: list[int] = []

    @da.orchestrator
    async def flow() -> None:
        ran.append(1)

    async with world([flow]) as env:
        handle = await env.client.start(flow(), start_at=after(100))
        await handle.cancel("changed my mind")
        assert (await handle.wait()).status is da.RuntimeStatus.CANCELLED
    assert ran == []


async def test_terminating_runs_no_code(world: World) -> None:
    """Line 24."""
    async with world([careful, note]) as env:
        handle = await env.client.start(careful(False))
        await env.advance(10)
        length = (await handle.state()).history_length
        await handle.terminate("enough")
        with pytest.raises(da.InstanceTerminatedError, match="enough"):
            await handle.result()
        assert (await handle.state()).history_length == length + 1
        assert env.now() == after(10)
