"""How instances begin, begin again, and go: lines 26 to 28."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Literal

import pytest

import durable_async as da

from .worlds import START, World, after

Way = Literal["completed", "failed", "cancelled", "terminated"]
WAYS: tuple[Way, ...] = ("completed", "failed", "cancelled", "terminated")


@da.orchestrator
async def flow(name: str) -> str:
    how = await da.wait_for_event("how", str)
    if how == "fail":
        raise LookupError(name)
    return f"{name} {how}"


@da.orchestrator
async def other(name: str) -> str:
    return name


@da.orchestrator
async def when() -> str:
    return da.now().isoformat()


async def end(handle: da.Handle[str], way: Way) -> None:
    match way:
        case "completed":
            await handle.raise_event("how", "well")
        case "failed":
            await handle.raise_event("how", "fail")
        case "cancelled":
            await handle.cancel("no")
        case "terminated":
            await handle.terminate("no")
    await handle.wait()


# ---- restart and purge ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_whatever_has_ended_can_begin_anew_with_the_same_input(
    world: World, way: Way
) -> None:
    """Line 26."""
    async with world([flow]) as env:
        handle = await env.client.start(flow("it"), id="a", tags={"shop": "x"})
        await end(handle, way)
        before = await handle.state()
        again = await handle.restart()
        assert again.id == "a"
        await again.raise_event("how", "again")
        assert await again.result() == "it again"
        state = await again.state()
        assert (state.name, state.input, state.tags) == ("flow", ["it"], {"shop": "x"})
        assert state.execution_id != before.execution_id
        assert await env.client.count() == 1


async def test_a_restart_under_another_id_leaves_what_was_there(world: World) -> None:
    """Line 26."""
    async with world([flow]) as env:
        handle = await env.client.start(flow("it"), id="a")
        await end(handle, "failed")
        again = await handle.restart(id="b")
        await again.raise_event("how", "again")
        assert await again.result() == "it again"
        with pytest.raises(LookupError):
            await handle.result()
        with pytest.raises(da.InstanceAlreadyExistsError, match="'b'"):
            await handle.restart(id="b")


@pytest.mark.parametrize("verb", ["restart", "purge"])
async def test_what_is_live_neither_begins_anew_nor_goes(world: World, verb: str) -> None:
    """Line 26."""
    async with world([flow]) as env:
        for name in ("pending", "running", "suspended"):
            start_at = after(3_600) if name == "pending" else None
            handle = await env.client.start(flow(name), id=name, start_at=start_at)
            await env.advance(0)
            if name == "suspended":
                await handle.suspend("wait")
            with pytest.raises(da.InvalidStateError, match=f"'{name}'"):
                await getattr(handle, verb)()
            assert not (await handle.state()).status.has_ended


async def test_what_is_purged_is_gone_with_its_descendants(world: World) -> None:
    """Line 26."""

    @da.orchestrator
    async def parent() -> str:
        await da.start(other("free"), id="detached")
        return await other.options(id="child")("child")

    async with world([parent, other]) as env:
        handle = await env.client.start(parent(), id="parent")
        assert await handle.result() == "child"
        await env.client.handle("detached").wait()
        assert await handle.purge() == 2
        for gone in ("parent", "child"):
            with pytest.raises(da.InstanceNotFoundError, match=f"'{gone}'"):
                await env.client.handle(gone).state()
        assert [each.id async for each in env.client.list()] == ["detached"]
        fresh = await env.client.start(other("fresh"), id="parent")
        assert await fresh.result() == "fresh"


async def test_many_are_purged_by_what_they_have_in_common_and_live_ones_stay(
    world: World,
) -> None:
    """Line 26."""
    async with world([flow]) as env:
        for way in WAYS:
            await end(await env.client.start(flow(way), id=way), way)
        await env.advance(100)
        live = await env.client.start(flow("live"), id="live")
        late = await env.client.start(flow("late"), id="late")
        await end(late, "completed")
        old = after(50)
        failed = da.RuntimeStatus.FAILED
        assert await env.client.purge(status=failed, completed_before=old) == 1
        assert await env.client.purge(completed_before=old) == 3
        assert {each.id async for each in env.client.list()} == {"live", "late"}
        assert await env.client.purge() == 1
        await end(live, "completed")
        assert await live.result() == "live well"


# ---- if_exists -----------------------------------------------------------------------------


@pytest.mark.parametrize("way", [None, *WAYS])
async def test_an_id_is_taken_until_it_is_purged(world: World, way: Way | None) -> None:
    """Line 27."""
    async with world([flow]) as env:
        handle = await env.client.start(flow("first"), id="a")
        if way is not None:
            await end(handle, way)
        with pytest.raises(da.InstanceAlreadyExistsError, match="'a'"):
            await env.client.start(flow("second"), id="a")
        assert (await handle.state()).input == ["first"]


@pytest.mark.parametrize("way", [None, *WAYS])
async def test_attaching_takes_what_is_there_live_or_ended(world: World, way: Way | None) -> None:
    """Line 27."""
    async with world([flow, other]) as env:
        first = await env.client.start(flow("first"), id="a")
        if way is not None:
            await end(first, way)
        second = await env.client.start(flow("second"), id="a", if_exists="attach")
        assert (await second.state()).execution_id == (await first.state()).execution_id
        assert (await second.state()).input == ["first"]
        with pytest.raises(da.InstanceAlreadyExistsError, match=r"(?s)'flow'.*'other'|other.*flow"):
            await env.client.start(other("second"), id="a", if_exists="attach")


@pytest.mark.parametrize("way", [None, *WAYS])
async def test_what_has_ended_is_replaced_and_what_is_live_is_not(
    world: World, way: Way | None
) -> None:
    """Line 27."""
    async with world([flow, other]) as env:
        first = await env.client.start(flow("first"), id="a")
        if way is None:
            with pytest.raises(da.InstanceAlreadyExistsError, match="'a'"):
                await env.client.start(other("second"), id="a", if_exists="replace")
            return
        await end(first, way)
        second = await env.client.start(other("second"), id="a", if_exists="replace")
        assert await second.result() == "second"
        assert await env.client.count() == 1


@pytest.mark.parametrize("if_exists", ["raise", "attach", "replace"])
async def test_of_concurrent_starts_exactly_one_wins(
    world: World, if_exists: Literal["raise", "attach", "replace"]
) -> None:
    """Line 27."""
    async with world([flow]) as env:
        starts = (
            env.client.start(flow(str(number)), id="a", if_exists=if_exists) for number in range(8)
        )
        found = await asyncio.gather(*starts, return_exceptions=True)
        handles = [each for each in found if isinstance(each, da.Handle)]
        errors = [each for each in found if not isinstance(each, da.Handle)]
        assert len(handles) == (8 if if_exists == "attach" else 1)
        assert all(isinstance(error, da.InstanceAlreadyExistsError) for error in errors)
        inputs = {str((await each.state()).input) for each in handles}
        assert len(inputs) == 1
        assert await env.client.count() == 1


@pytest.mark.parametrize("if_exists", ["raise", "attach", "replace"])
async def test_an_orchestrator_starts_others_by_the_same_rules(
    world: World, if_exists: Literal["raise", "attach", "replace"]
) -> None:
    """Line 27."""

    @da.orchestrator
    async def starter() -> str:
        try:
            ref = await da.start(other("second"), id="a", if_exists=if_exists)
        except da.InstanceAlreadyExistsError:
            return "taken"
        return await ref.result()

    async with world([starter, other]) as env:
        await (await env.client.start(other("first"), id="a")).result()
        said = await (await env.client.start(starter())).result()
        assert said == {"raise": "taken", "attach": "first", "replace": "second"}[if_exists]


# ---- start_at ------------------------------------------------------------------------------


async def test_an_instance_never_starts_early(world: World) -> None:
    """Line 28."""
    moment = after(3_600)
    async with world([when]) as env:
        handle = await env.client.start(when(), start_at=moment)
        await env.advance(3_599.999)
        state = await handle.state()
        assert (state.status, state.history_length) == (da.RuntimeStatus.PENDING, 1)
        assert await handle.result() == moment.isoformat()


@pytest.mark.parametrize("seconds", [0, -3_600])
async def test_a_moment_that_has_passed_is_now(world: World, seconds: int) -> None:
    """Line 28."""
    async with world([when]) as env:
        moment = START + timedelta(seconds=seconds)
        handle = await env.client.start(when(), start_at=moment)
        assert await handle.result() == START.isoformat()


async def test_what_was_told_to_one_that_has_not_begun_waits_for_it(world: World) -> None:
    """Line 28."""
    async with world([flow]) as env:
        handle = await env.client.start(flow("it"), start_at=after(60))
        await handle.raise_event("how", "later")
        await env.advance(30)
        assert (await handle.state()).status is da.RuntimeStatus.PENDING
        assert await handle.result() == "it later"
        assert env.now() == after(60)


async def test_one_that_an_orchestrator_starts_is_never_early_either(world: World) -> None:
    """Line 28."""

    @da.orchestrator
    async def starter() -> str:
        ref = await da.start(when(), start_at=da.now() + timedelta(hours=1))
        return await ref.result()

    async with world([starter, when]) as env:
        handle = await env.client.start(starter())
        assert await handle.result() == after(3_600).isoformat()
