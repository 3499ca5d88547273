"""Code that changes while instances run: lines 29 to 31."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import durable_async as da
from durable_async.model.history import ActivityScheduled, PatchMarked
from durable_async.testing import Environment

from .worlds import World, after, kinds_of

Flow = da.Orchestrator[[], str]
Body = Callable[[], Awaitable[str]]


@da.activity
async def note(what: str) -> str:
    return what


@da.activity
async def other(what: str) -> str:
    return what


def release(body: Body) -> Flow:
    """The orchestrator "flow" with this body."""

    @da.orchestrator(name="flow")
    async def flow() -> str:
        return await body()

    return flow


async def original() -> str:
    first = asyncio.ensure_future(note("a"))
    nap = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.wait([first, nap])
    return await da.wait_for_event("go", str)


async def another_kind() -> str:
    await asyncio.sleep(5)
    return await da.wait_for_event("go", str)


async def another_name() -> str:
    first = asyncio.ensure_future(other("a"))
    nap = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.wait([first, nap])
    return await da.wait_for_event("go", str)


async def another_event() -> str:
    first = asyncio.ensure_future(note("a"))
    nap = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.wait([first, nap])
    return await da.wait_for_event("proceed", str)


async def another_order() -> str:
    nap = asyncio.ensure_future(asyncio.sleep(10))
    first = asyncio.ensure_future(note("a"))
    await asyncio.wait([first, nap])
    return await da.wait_for_event("go", str)


async def missing_in_the_middle() -> str:
    await note("a")
    return await da.wait_for_event("go", str)


async def missing_at_the_end() -> str:
    return "done already"


async def failing_before() -> str:
    raise LookupError("a mistake in the new code")


async def surplus() -> str:
    first = asyncio.ensure_future(note("a"))
    nap = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.wait([first, nap])
    await note("b")
    return await da.wait_for_event("go", str)


CHANGES: tuple[Body, ...] = (
    another_kind,
    another_name,
    another_event,
    another_order,
    missing_in_the_middle,
    missing_at_the_end,
    failing_before,
    surplus,
)
OLD, NEW = release(original), release(another_name)
MINE = re.compile(rf"{Path(__file__).name}:(\d+)")


def lines_of(function: Body) -> range:
    code = inspect.unwrap(function).__code__
    return range(code.co_firstlineno, max(line or 0 for _, _, line in code.co_lines()) + 1)


# ---- what no longer fits -------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_code_that_asks_for_something_else_blocks_until_it_fits_again(
    world: World, change: Body
) -> None:
    """Line 29: of every kind; nothing is committed, and events are kept."""
    async with world([OLD, note, other]) as env:
        handle = await env.client.start(OLD())
        await env.advance(60)
        before = await handle.history()
        await env.deploy([release(change), note, other])
        await handle.raise_event("go", "came while it was blocked")
        with pytest.raises(da.NonDeterminismError) as raised:
            await handle.result()
        state = await handle.state()
        assert state.status is da.RuntimeStatus.BLOCKED
        assert state.blocked is not None
        assert state.blocked.startswith("mismatch")
        assert await handle.history() == before
        told = {int(line) for line in MINE.findall(str(raised.value))}
        assert told & set(lines_of(original)), "the recorded line"
        if change is not missing_at_the_end:  # that has asked for nothing
            assert told & set(lines_of(change)), "the line of the code"
        await env.deploy([OLD, note, other])  # rolled back
        assert await handle.result() == "came while it was blocked"
        assert (await handle.state()).blocked is None


async def test_mended_code_lets_it_go_on(world: World) -> None:
    """Line 29."""

    async def mended() -> str:
        return (await original()).upper()

    async with world([OLD, note, other]) as env:
        handle = await env.client.start(OLD())
        await env.advance(60)
        await env.deploy([NEW, note, other])
        await handle.raise_event("go", "went on")
        await env.advance(0)
        assert (await handle.state()).status is da.RuntimeStatus.BLOCKED
        await env.deploy([release(mended), note, other])
        assert await handle.result() == "WENT ON"


async def blocked(env: Environment) -> da.Handle[str]:
    handle = await env.client.start(OLD())
    await env.advance(60)
    await env.deploy([NEW, note, other])
    await handle.raise_event("go", "on")
    await env.advance(0)
    assert (await handle.state()).status is da.RuntimeStatus.BLOCKED
    return handle


async def test_a_blocked_instance_may_be_terminated(world: World) -> None:
    """Lines 23 and 29."""
    async with world([OLD, note, other]) as env:
        handle = await blocked(env)
        await handle.terminate("given up")
        with pytest.raises(da.InstanceTerminatedError, match="given up"):
            await handle.result()


async def test_a_blocked_instance_is_cancelled_at_once_and_runs_no_code(world: World) -> None:
    """Lines 23 and 29."""
    async with world([OLD, note, other]) as env:
        handle = await blocked(env)
        length = (await handle.state()).history_length
        await handle.cancel("given up")
        state = await handle.state()
        assert state.status is da.RuntimeStatus.CANCELLED
        assert state.history_length == length + 1
        with pytest.raises(da.InstanceCancelledError, match="given up"):
            await handle.result()


async def test_a_blocked_instance_may_be_suspended_and_stays_blocked_afterwards(
    world: World,
) -> None:
    """Lines 23 and 29."""
    async with world([OLD, note, other]) as env:
        handle = await blocked(env)
        await handle.suspend("until the roll-back")
        await env.deploy([OLD, note, other])
        await env.advance(10)
        assert (await handle.state()).status is da.RuntimeStatus.SUSPENDED
        await handle.resume()
        assert await handle.result() == "on"


async def test_a_mismatch_is_never_raised_into_the_code(world: World) -> None:
    """Line 29."""
    caught: list[BaseException] = []

    async def swallows() -> str:
        try:
            return await another_name()
        except BaseException as error:
            if not isinstance(error, GeneratorExit):
                caught.append(error)
            raise

    async with world([OLD, note, other]) as env:
        handle = await env.client.start(OLD())
        await env.advance(60)
        await env.deploy([release(swallows), note, other])
        await handle.raise_event("go", "on")
        await env.advance(0)
        assert (await handle.state()).status is da.RuntimeStatus.BLOCKED
    assert caught == []


async def test_one_that_is_blocked_holds_up_no_other(world: World) -> None:
    """Line 29."""
    async with world([OLD, note, other]) as env:
        first = await blocked(env)
        second = await env.client.start(NEW())
        await second.raise_event("go", "new")
        assert await second.result() == "new"
        assert (await first.state()).status is da.RuntimeStatus.BLOCKED


async def test_a_blocked_child_is_named_to_who_awaits_its_parent(world: World) -> None:
    """Line 29."""

    @da.orchestrator
    async def parent() -> str:
        return await OLD.options(id="child")()

    async with world([parent, OLD, note, other]) as env:
        handle = await env.client.start(parent())
        await env.advance(60)
        await env.deploy([parent, NEW, note, other])
        await env.client.handle("child").raise_event("go", "on")
        with pytest.raises(da.NonDeterminismError, match="'child'"):
            await handle.result()
        await env.deploy([parent, OLD, note, other])
        assert await handle.result() == "on"


async def test_cancels_are_matched_by_target_and_not_by_number(world: World) -> None:
    """Line 29."""

    def body(order: int) -> Body:
        async def made() -> str:
            naps = [asyncio.ensure_future(asyncio.sleep(1_000 + number)) for number in range(3)]
            await asyncio.sleep(1)
            for nap in naps[::order]:
                nap.cancel()
            return await da.wait_for_event("go", str)

        return made

    async with world([release(body(1)), note, other]) as env:
        handle = await env.client.start(release(body(1))())
        await env.advance(10)
        await env.deploy([release(body(-1)), note, other])
        await handle.raise_event("go", "on")
        assert await handle.result() == "on"


# ---- patches -------------------------------------------------------------------------------


async def before_the_patch() -> str:
    found = await note("old way")
    await da.wait_for_event("go")
    return found


async def with_the_patch() -> str:
    found = await (other("new way") if da.patched("shorter") else note("old way"))
    await da.wait_for_event("go")
    return f"{found}, {da.patched('shorter')}"


async def after_the_patch() -> str:
    found = await other("new way")
    await da.wait_for_event("go")
    return found


async def test_a_patch_is_true_where_nobody_has_gone_before_and_is_recorded(world: World) -> None:
    """Line 30."""
    flow = release(with_the_patch)
    async with world([flow, note, other]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await handle.raise_event("go")
        assert await handle.result() == "new way, True"
        marks = kinds_of(await handle.history(), PatchMarked)
        assert [mark.id for mark in marks] == ["shorter"]


async def test_a_patch_is_false_where_history_has_gone_past_and_stays_so(world: World) -> None:
    """Line 30."""
    async with world([release(before_the_patch), note, other]) as env:
        handle = await env.client.start(release(before_the_patch)())
        await env.advance(0)
        await env.deploy([release(with_the_patch), note, other])
        await handle.raise_event("go")
        assert await handle.result() == "old way, False"
        assert kinds_of(await handle.history(), PatchMarked) == []
        (called,) = kinds_of(await handle.history(), ActivityScheduled)
        assert called.name == "note"


async def test_the_call_may_be_removed_once_nobody_lacks_the_mark(world: World) -> None:
    """Line 30: a mark that nobody asks for is no mismatch."""
    async with world([release(with_the_patch), note, other]) as env:
        handle = await env.client.start(release(with_the_patch)())
        await env.advance(0)
        await env.deploy([release(after_the_patch), note, other])
        await handle.raise_event("go")
        assert await handle.result() == "new way"


async def test_code_without_the_old_way_blocks_who_still_needs_it(world: World) -> None:
    """Lines 29 and 30."""
    async with world([release(before_the_patch), note, other]) as env:
        handle = await env.client.start(release(before_the_patch)())
        await env.advance(0)
        await env.deploy([release(after_the_patch), note, other])
        await handle.raise_event("go")
        with pytest.raises(da.NonDeterminismError):
            await handle.result()
        await env.deploy([release(with_the_patch), note, other])
        assert await handle.result() == "old way, False"


async def test_a_patch_in_code_that_was_not_reached_yet_is_true(world: World) -> None:
    """Line 30."""

    async def later() -> str:
        found = await note("old way")
        await da.wait_for_event("go")
        return f"{found}, {da.patched('later')}"

    async with world([release(before_the_patch), note, other]) as env:
        handle = await env.client.start(release(before_the_patch)())
        await env.advance(0)
        await env.deploy([release(later), note, other])
        await handle.raise_event("go")
        assert await handle.result() == "old way, True"


# ---- versions ------------------------------------------------------------------------------


def version(of: str | None, name: str = "flow") -> Flow:
    """An orchestrator that says which version's code it is, and which version it is asked for."""

    @da.orchestrator(name=name, version=of)
    async def flow() -> str:
        await asyncio.sleep(10)
        return f"code {of}, instance {da.info().version}"

    return flow


async def test_an_instance_keeps_the_version_that_it_was_started_with(world: World) -> None:
    """Line 31."""
    one, two = version("1"), version("2")
    async with world([one]) as env:
        first = await env.client.start(one())
        await env.advance(0)
        await env.deploy([one, two])
        second = await env.client.start(two())
        assert await first.result() == "code 1, instance 1"
        assert await second.result() == "code 2, instance 2"
        assert [(await each.state()).version for each in (first, second)] == ["1", "2"]


async def test_a_worker_takes_only_versions_that_it_has(world: World) -> None:
    """Line 31."""
    one, two = version("1"), version("2")
    async with world([one]) as env:
        handle = await env.client.start(one())
        await env.advance(0)
        await env.deploy([two])
        await env.advance(60)
        state = await handle.state()
        assert state.status is da.RuntimeStatus.RUNNING
        assert state.waiting_for == "orchestrator 'flow' version '1'"
        await env.deploy([one, two])
        assert await handle.result() == "code 1, instance 1"
        assert env.now() == after(60)


async def test_a_definition_without_a_version_runs_those_that_nobody_else_has(
    world: World,
) -> None:
    """Line 31."""
    one, two, three = version("1"), version("2"), version("3")
    async with world([version(None), two]) as env:
        handles = [await env.client.start(each()) for each in (one, two, three, version(None))]
        assert [await handle.result() for handle in handles] == [
            "code None, instance 1",
            "code 2, instance 2",
            "code None, instance 3",
            "code None, instance None",
        ]


async def test_a_child_takes_the_version_of_the_definition_that_is_called(world: World) -> None:
    """Line 31."""
    old, new = version("1", "child"), version("2", "child")

    @da.orchestrator(version="7")
    async def parent() -> list[str]:
        options = old.options(version="2")
        return list(await asyncio.gather(old(), new(), options()))

    async with world([parent, old, new]) as env:
        assert await (await env.client.start(parent())).result() == [
            "code 1, instance 1",
            "code 2, instance 2",
            "code 2, instance 2",
        ]


@pytest.mark.parametrize(
    ("versions", "newest"),
    [(("9", "10", "1"), "10"), ((None, "0.1"), "0.1"), (("2.10-rc", "2.9"), "2.10-rc")],
)
async def test_a_call_by_name_takes_the_newest(
    world: World, versions: tuple[str | None, ...], newest: str
) -> None:
    """Line 31."""
    by_name = da.orchestrator_named("child", str)

    @da.orchestrator
    async def parent() -> list[str]:
        ref = await da.start(by_name())
        return [await by_name(), await ref.result()]

    async with world([parent, *(version(each, "child") for each in versions)]) as env:
        said = f"code {newest}, instance {newest}"
        assert await (await env.client.start(parent())).result() == [said, said]
        assert await (await env.client.start(by_name())).result() == said


async def test_one_goes_on_as_another_version(world: World) -> None:
    """Lines 20 and 31."""
    two = version("2")

    @da.orchestrator(name="flow", version="1")
    async def one() -> str:
        await asyncio.sleep(1)
        da.continue_as_new(two())

    async with world([one, two]) as env:
        handle = await env.client.start(one())
        assert await handle.result() == "code 2, instance 2"
        assert (await handle.state()).version == "2"
