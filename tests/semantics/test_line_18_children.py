"""Children and continue as new: lines 18 to 20."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest

import durable_async as da
from durable_async.model.history import ExecutionStarted

from .worlds import World, after, kinds_of


@da.activity
async def note(what: str) -> str:
    return what


@da.orchestrator
async def double(number: int) -> int:
    await asyncio.sleep(10)
    return 2 * number


@da.orchestrator
async def wait_for(name: str) -> Any:
    return await da.wait_for_event(name)


@da.orchestrator
async def whoami() -> str:
    return da.info().instance_id


# ---- children ------------------------------------------------------------------------------


async def test_children_run_side_by_side_and_answer_their_parent(world: World) -> None:
    """Line 18."""

    @da.orchestrator
    async def parent() -> list[int]:
        return list(await asyncio.gather(*(double(number) for number in range(4))))

    async with world([parent, double]) as env:
        assert await (await env.client.start(parent())).result() == [0, 2, 4, 6]
        assert env.now() == after(10)


async def test_ids_of_children_are_unique_over_generations(world: World) -> None:
    """Line 18."""

    @da.orchestrator
    async def parent(before: list[str]) -> list[str]:
        ids = [*before, await whoami(), await whoami()]
        if len(ids) < 6:
            da.continue_as_new(parent(ids))
        return ids

    async with world([parent, whoami]) as env:
        ids = await (await env.client.start(parent([]))).result()
        assert len(set(ids)) == 6


async def test_an_explicit_id_that_exists_raises_at_the_await(world: World) -> None:
    """Line 18."""

    @da.orchestrator
    async def parent() -> str:
        call = double.options(id="taken")(1)
        try:
            await call
        except da.InstanceAlreadyExistsError as error:
            return str(error)
        return "not reached"

    async with world([parent, double]) as env:
        await (await env.client.start(double(5), id="taken")).result()
        said = await (await env.client.start(parent())).result()
        assert "'taken'" in said and ".options(id=...)" in said
        assert "da.InstanceRef('taken').result()" in said  # a child has no if_exists


@pytest.mark.parametrize("how", ["awaited", "started", "asked for its result"])
async def test_an_id_that_cannot_be_had_was_not_refused_in_the_instance_that_has_it(
    world: World, how: str
) -> None:
    """Line 18. Who reads where it was raised looks there."""

    @da.orchestrator
    async def parent() -> None:
        if how == "awaited":
            await double.options(id="other")(1)
        elif how == "started":
            await da.start(double(1), id="other")
        else:
            await da.InstanceRef("nobody").result()

    async with world([parent, double]) as env:
        await (await env.client.start(double(5), id="other")).result()
        handle = await env.client.start(parent(), id="caller")
        with pytest.raises((da.InstanceAlreadyExistsError, da.InstanceNotFoundError)) as caught:
            await handle.result()
        (note,) = caught.value.__notes__
        assert note.startswith(f"raised in instance 'caller', at {__file__}:")


async def test_a_failure_of_a_child_arrives_as_itself(world: World) -> None:
    """Line 18."""

    @da.orchestrator
    async def child() -> None:
        raise KeyError("no such order")

    @da.orchestrator
    async def parent() -> str:
        try:
            await child()
        except KeyError as error:
            failure = da.failure_of(error)
            assert failure is not None
            return f"{error.args[0]} ({failure.instance_id})"
        return "not reached"

    async with world([parent, child]) as env:
        handle = await env.client.start(parent())
        said = await handle.result()
        (start,) = [each.id async for each in env.client.list(name="child")]
        assert said == f"no such order ({start})"


@pytest.mark.parametrize(
    ("verb", "error"),
    [("cancel", da.InstanceCancelledError), ("terminate", da.InstanceTerminatedError)],
)
async def test_awaiting_a_child_that_was_ended_from_outside_raises_an_exception(
    world: World, verb: str, error: type[Exception]
) -> None:
    """Line 18."""

    @da.orchestrator
    async def parent() -> str:
        try:
            await wait_for.options(id="child")("never")
        except Exception as caught:
            return type(caught).__name__
        return "not reached"

    async with world([parent, wait_for]) as env:
        handle = await env.client.start(parent())
        await env.advance(0)
        await getattr(env.client.handle("child"), verb)("not wanted")
        assert await handle.result() == error.__name__


async def test_cancelling_the_await_cancels_the_child_and_goes_on_at_once(world: World) -> None:
    """Line 19."""

    @da.orchestrator
    async def child() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            await asyncio.sleep(60)

    @da.orchestrator
    async def parent() -> str:
        try:
            async with asyncio.timeout(10):
                await child.options(id="child")()
        except TimeoutError:
            return "went on"
        return "not reached"

    async with world([parent, child]) as env:
        assert await (await env.client.start(parent())).result() == "went on"
        assert env.now() == after(10)
        state = await env.client.handle("child").wait()
        assert state.status is da.RuntimeStatus.CANCELLED
        assert env.now() == after(70)


async def test_terminating_the_parent_terminates_its_children(world: World) -> None:
    """Line 19."""

    @da.orchestrator
    async def middle() -> None:
        await wait_for.options(id="leaf")("never")

    @da.orchestrator
    async def parent() -> None:
        await middle.options(id="middle")()

    async with world([parent, middle, wait_for]) as env:
        handle = await env.client.start(parent(), id="root")
        await env.advance(0)
        await handle.terminate("enough")
        for each in ("root", "middle", "leaf"):
            state = await env.client.handle(each).wait()
            assert state.status is da.RuntimeStatus.TERMINATED


async def test_without_recursion_children_are_cancelled_instead(world: World) -> None:
    """Line 19."""

    @da.orchestrator
    async def parent() -> None:
        await wait_for.options(id="leaf")("never")

    async with world([parent, wait_for]) as env:
        handle = await env.client.start(parent())
        await env.advance(0)
        await handle.terminate("enough", recursive=False)
        state = await env.client.handle("leaf").wait()
        assert state.status is da.RuntimeStatus.CANCELLED


async def test_a_child_that_nobody_awaits_any_more_ends_with_its_parent(world: World) -> None:
    """Lines 7 and 19."""

    @da.orchestrator
    async def parent() -> str:
        asyncio.ensure_future(wait_for.options(id="leaf")("never"))
        await asyncio.sleep(1)
        return "done"

    async with world([parent, wait_for]) as env:
        assert await (await env.client.start(parent())).result() == "done"
        state = await env.client.handle("leaf").wait()
        assert state.status is da.RuntimeStatus.CANCELLED


async def test_a_detached_instance_lives_on(world: World) -> None:
    """Lines 7 and 19."""

    @da.orchestrator
    async def parent() -> str:
        ref = await da.start(double(21), id="free")
        return ref.id

    async with world([parent, double]) as env:
        assert await (await env.client.start(parent())).result() == "free"
        assert await env.client.handle("free", int).result() == 42


# ---- continue as new -----------------------------------------------------------------------


async def test_a_new_generation_has_a_fresh_history_under_the_same_id(world: World) -> None:
    """Line 20."""

    @da.orchestrator
    async def count(number: int) -> int:
        if number == 1:
            da.set_custom_status("first")
        await asyncio.sleep(1)
        if number < 3:
            da.continue_as_new(count(number + 1))
        return number

    async with world([count]) as env:
        handle = await env.client.start(count(1), id="counter")
        await env.advance(0.5)
        first = await handle.state()
        assert first.custom_status == "first"
        await env.advance(1)
        second = await handle.state()
        assert second.id == "counter"
        assert second.execution_id != first.execution_id
        assert second.custom_status is None
        assert second.status is da.RuntimeStatus.RUNNING
        assert second.input == [2]
        assert await handle.result() == 3
        (started,) = kinds_of(await handle.history(), ExecutionStarted)
        assert started.execution_id not in (first.execution_id, second.execution_id)


async def test_events_nobody_took_are_carried_in_order(world: World) -> None:
    """Line 20."""

    @da.orchestrator
    async def collect(found: list[int]) -> list[int]:
        found = [*found, await da.wait_for_event("number", int)]
        if len(found) < 4:
            da.continue_as_new(collect(found))
        return found

    async with world([collect]) as env:
        handle = await env.client.start(collect([]))
        for number in range(4):
            await handle.raise_event("number", number)
        assert await handle.result() == [0, 1, 2, 3]


async def test_events_may_be_dropped_instead(world: World) -> None:
    """Line 20."""

    @da.orchestrator
    async def flow(fresh: bool) -> str:
        if fresh:
            await da.wait_for_event("go")
            da.continue_as_new(flow(False), events="drop")
        try:
            async with asyncio.timeout(5):
                return await da.wait_for_event("extra", str)
        except TimeoutError:
            return "nothing was carried"

    async with world([flow]) as env:
        handle = await env.client.start(flow(True))
        await handle.raise_event("extra", "carried")
        await handle.raise_event("go")
        assert await handle.result() == "nothing was carried"


@pytest.mark.parametrize("events", ["carry", "drop"])
async def test_who_asked_is_told_when_the_old_generation_leaves_a_request_open(
    world: World, events: Literal["carry", "drop"]
) -> None:
    """Line 20. What was taken cannot be carried, as nothing else of that generation is."""

    @da.orchestrator
    async def flow(number: int) -> int:
        async for request in da.requests("quote", int):
            if number == 0:
                da.continue_as_new(flow(1), events=events)
            request.reply(request.data * 10)
        return number

    async with world([flow]) as env:
        handle = await env.client.start(flow(0))
        with pytest.raises(da.RequestRejectedError, match="continued as new: what came of it is"):
            await handle.ask("quote", 1)
        assert await handle.ask("quote", 2, int) == 20


async def test_nothing_of_the_old_generation_reaches_the_new_one(world: World) -> None:
    """Lines 4 and 20."""
    go_on = asyncio.Event()
    ended: list[str] = []

    @da.activity
    async def slow() -> str:
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            await asyncio.sleep(0)
            return "too late"
        return "done"

    @da.orchestrator
    async def flow(generation: int) -> str:
        if generation == 1:
            asyncio.ensure_future(slow())
            asyncio.ensure_future(asyncio.sleep(5))
            asyncio.ensure_future(wait_for.options(id="old-child")("never"))
            await asyncio.sleep(1)
            da.continue_as_new(flow(2))
        # The same numbers as in the generation before, for other things.
        found = await asyncio.gather(
            note("mine"), asyncio.sleep(60, "slept"), da.wait_for_event("event", str)
        )
        return "/".join(found)

    async with world([flow, slow, note, wait_for]) as env:
        handle = await env.client.start(flow(1))
        await env.advance(2)
        await handle.raise_event("event", "raised")
        assert await handle.result() == "mine/slept/raised"
        assert env.now() == after(61)
        old = await env.client.handle("old-child").wait()
        assert old.status is da.RuntimeStatus.CANCELLED
    assert ended == ["cancelled"]


@da.orchestrator
async def hold(way: str, again: bool) -> str:
    """Continues as new inside of what would undo an exception."""
    if not again:
        return f"out of {way}"
    match way:
        case "except":
            try:
                da.continue_as_new(hold(way, False))
            except BaseException:
                await note("undone")
        case "finally":
            for _ in range(3):
                try:
                    da.continue_as_new(hold(way, False))
                finally:
                    break  # noqa: B012 - it swallows exceptions, and must not swallow this
        case "group":
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(3_600))
                await asyncio.sleep(1)
                da.continue_as_new(hold(way, False))
        case "child":

            async def go_on() -> None:
                await asyncio.sleep(1)
                da.continue_as_new(hold(way, False))

            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(3_600))
                group.create_task(go_on())
        case "gather":

            async def leave() -> None:
                da.continue_as_new(hold(way, False))

            await asyncio.gather(leave(), asyncio.sleep(3_600), return_exceptions=True)
        case "timeout":
            async with asyncio.timeout(60):
                await asyncio.sleep(1)
                da.continue_as_new(hold(way, False))
        case "background":

            async def later() -> None:
                await asyncio.sleep(1)
                da.continue_as_new(hold(way, False))

            task = asyncio.create_task(later())
            await asyncio.sleep(3_600)
            await task
        case _:
            raise AssertionError(way)
    await note("after it")
    return "undone"


@pytest.mark.parametrize(
    "way", ["except", "finally", "group", "child", "gather", "timeout", "background"]
)
async def test_going_on_as_new_holds_whatever_surrounds_it(world: World, way: str) -> None:
    """Line 20."""
    async with world([hold, note]) as env:
        assert await (await env.client.start(hold(way, True))).result() == f"out of {way}"
        assert env.now() <= after(1)


async def test_what_was_sent_before_it_is_delivered(world: World) -> None:
    """Line 20."""

    @da.orchestrator
    async def sender(fresh: bool) -> str:
        if fresh:
            da.send_event("receiver", "news", "sent")
            da.continue_as_new(sender(False))
        return "done"

    async with world([sender, wait_for]) as env:
        receiver = await env.client.start(wait_for("news"), id="receiver")
        assert await (await env.client.start(sender(True))).result() == "done"
        assert await receiver.result() == "sent"


async def test_a_thousand_generations_leave_one_history(world: World) -> None:
    """Line 20."""

    @da.orchestrator
    async def count(number: int) -> int:
        if number < 1_000:
            da.continue_as_new(count(number + 1))
        return number

    async with world([count]) as env:
        handle = await env.client.start(count(1))
        assert await handle.result() == 1_000
        assert (await handle.state()).history_length < 10
        assert await env.client.count() == 1
