"""Basics: lines 1 to 8."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async.model.history import ActivityCompleted, EpisodeStarted

from .worlds import World, after, kinds_of


@da.activity
async def echo(value: Any) -> Any:
    return value


@da.activity
async def note(what: str) -> str:
    return what


# ---- what it sees --------------------------------------------------------------------------


async def test_an_orchestrator_sees_who_it_is(world: World) -> None:
    """Line 1."""

    @da.orchestrator(version="3")
    async def child() -> list[Any]:
        info = da.info()
        return [info.name, info.version, info.instance_id, info.execution_id, info.parent_id]

    @da.orchestrator
    async def parent(order_id: str) -> list[Any]:
        info = da.info()
        mine = [order_id, info.name, info.version, info.instance_id, info.parent_id]
        return [mine, await child.options(id="the-child")()]

    async with world([parent, child]) as env:
        handle = await env.client.start(parent("o-1"), id="the-parent")
        mine, childs = await handle.result()
        assert mine == ["o-1", "parent", None, "the-parent", None]
        state = await env.client.handle("the-child").state()
        assert childs == ["child", "3", "the-child", state.execution_id, "the-parent"]


@pytest.mark.parametrize("value", [0, "", False, None, []], ids=repr)
async def test_falsy_values_survive(world: World, value: Any) -> None:
    """Line 1."""

    @da.orchestrator
    async def flow(value: Any) -> list[Any]:
        da.set_custom_status(value)
        return [value, await echo(value), await da.wait_for_event("data")]

    async with world([flow, echo]) as env:
        handle = await env.client.start(flow(value))
        await handle.raise_event("data", value)
        assert await handle.result() == [value, value, value]
        state = await handle.state()
        assert state.input == [value]
        assert state.custom_status == value


async def test_a_falsy_result_is_a_result(world: World) -> None:
    """Line 1."""

    @da.orchestrator
    async def flow() -> int:
        return 0

    async with world([flow]) as env:
        assert await (await env.client.start(flow())).result() == 0


async def test_without_an_await_it_completes_in_its_first_episode(world: World) -> None:
    """Line 2."""

    @da.orchestrator
    async def flow() -> str:
        return "done"

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == "done"
        assert len(kinds_of(await handle.history(), EpisodeStarted)) == 1


# ---- what is not there ---------------------------------------------------------------------


async def test_an_unregistered_activity_is_named_and_waited_for(world: World) -> None:
    """Line 3."""

    @da.orchestrator
    async def flow() -> str:
        return await note("done")

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(da.NotRegisteredError, match="'note'"):
            await handle.result()
        state = await handle.state()
        assert state.status is da.RuntimeStatus.RUNNING
        assert state.waiting_for == "activity 'note'"
        assert "activity 'note'" in await handle.stack()
        await env.deploy([flow, note])
        assert await handle.result() == "done"


async def test_an_unregistered_entity_is_named_and_waited_for(world: World) -> None:
    """Line 3."""

    @da.entity
    @attrs.define
    class Counter:
        value: int = 0

        def add(self, number: int) -> int:
            self.value += number
            return self.value

    @da.orchestrator
    async def flow() -> int:
        return await da.entity_ref(Counter, "k").call(Counter.add, 5)

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(da.NotRegisteredError, match="'Counter'"):
            await handle.result()
        state = await handle.state()
        assert state.status is da.RuntimeStatus.RUNNING
        assert state.waiting_for == "entity 'Counter'"
        assert "waiting for entity 'Counter', which no live worker has" in await handle.stack()
        await env.deploy([flow, Counter])
        assert await handle.result() == 5


async def test_an_unregistered_version_is_named_and_waited_for(world: World) -> None:
    """Line 3."""

    @da.orchestrator(version="1")
    async def flow() -> str:
        return "by 1"

    @da.orchestrator(name="flow", version="2")
    async def second() -> str:
        return "by 2"

    async with world([flow]) as env:
        handle = await env.client.start(second())
        with pytest.raises(da.NotRegisteredError, match="'flow' version '2'"):
            await handle.result()
        state = await handle.state()
        assert state.status is da.RuntimeStatus.PENDING
        assert state.waiting_for == "orchestrator 'flow' version '2'"
        await env.deploy([second])
        assert await handle.result() == "by 2"


async def test_a_child_that_nobody_runs_is_named_to_who_awaits_its_parent(world: World) -> None:
    """Line 3."""

    @da.orchestrator
    async def child() -> str:
        return "done"

    @da.orchestrator
    async def parent() -> str:
        return await child()

    async with world([parent]) as env:
        handle = await env.client.start(parent())
        with pytest.raises(da.NotRegisteredError, match="'child'"):
            await handle.result()
        await env.deploy([parent, child])
        assert await handle.result() == "done"


async def test_what_waits_for_nothing_is_stuck_and_told_with_its_lines(world: World) -> None:
    """Line 3."""

    @da.orchestrator
    async def flow() -> None:
        await asyncio.get_running_loop().create_future()

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(da.DeadlockError, match=r"test_line_01_basics\.py:\d+"):
            await handle.result()
        assert (await handle.state()).waiting_for == "nothing"


async def test_what_waits_for_a_stuck_child_alone_is_stuck(world: World) -> None:
    """Line 3."""

    @da.orchestrator
    async def child() -> None:
        await asyncio.get_running_loop().create_future()

    @da.orchestrator
    async def parent(seconds: float | None) -> str:
        try:
            async with asyncio.timeout(seconds):
                await child()
        except TimeoutError:
            return "given up"
        return "not reached"

    async with world([parent, child]) as env:
        with pytest.raises(da.DeadlockError, match=r"test_line_01_basics\.py:\d+"):
            await (await env.client.start(parent(None))).result()
        assert await (await env.client.start(parent(60))).result() == "given up"


async def test_a_completion_that_nobody_waits_for_any_more_is_ignored(world: World) -> None:
    """Line 4."""
    go_on, ended = threading.Event(), threading.Event()

    @da.activity
    def deaf() -> str:
        go_on.wait(30)
        ended.set()
        return "too late"

    @da.orchestrator
    async def flow() -> str:
        try:
            async with asyncio.timeout(10):
                return await deaf()
        except TimeoutError:
            return await da.wait_for_event("enough", str)

    async with world([flow, deaf]) as env:
        handle = await env.client.start(flow())
        await env.advance(10)
        go_on.set()
        await asyncio.to_thread(ended.wait, 30)
        await env.advance(0)
        await handle.raise_event("enough", "went on")
        assert await handle.result() == "went on"
        assert kinds_of(await handle.history(), ActivityCompleted) == []


@pytest.mark.parametrize("first", [True, False], ids=["first-await", "later"])
async def test_awaiting_something_foreign_fails_at_once_and_names_the_line(
    world: World, first: bool
) -> None:
    """Line 5."""
    foreign = asyncio.get_running_loop().create_future()

    @da.orchestrator
    async def flow() -> str:
        if not first:
            await note("begun")
        try:
            await foreign
        except da.NotDurableError as error:
            return str(error)
        return "not reached"

    async with world([flow, note]) as env:
        said = await (await env.client.start(flow())).result()
        assert "test_line_01_basics.py:" in said


# ---- how it ends ---------------------------------------------------------------------------


async def test_a_result_without_a_stored_form_fails_it_and_names_the_function(
    world: World,
) -> None:
    """Line 6."""

    @da.orchestrator
    async def flow() -> Any:
        return object()

    async with world([flow]) as env:
        with pytest.raises(da.SerializationError, match="flow"):
            await (await env.client.start(flow())).result()


async def test_what_cannot_be_stored_is_never_tried_again(world: World) -> None:
    """Line 6."""
    attempts: list[int] = []

    @da.activity(retry=da.RetryPolicy(max_attempts=5))
    async def make(size: int) -> Any:
        attempts.append(da.activity_info().attempt)
        return "x" * size if size else object()

    @da.orchestrator
    async def flow(size: int) -> Any:
        return await make(size)

    async with world([flow, make]) as env:
        with pytest.raises(da.SerializationError, match="make"):
            await (await env.client.start(flow(0))).result()
        with pytest.raises(da.PayloadTooLargeError, match="make"):
            await (await env.client.start(flow(3 * 1024 * 1024))).result()
        assert attempts == [1, 1]


async def test_the_outcome_is_fixed_when_main_ends_and_clean_up_may_be_durable(
    world: World,
) -> None:
    """Line 7."""

    @da.orchestrator
    async def flow() -> str:
        async def background() -> None:
            try:
                await asyncio.sleep(3_600)
            finally:
                await note("tidied")
                await asyncio.sleep(60)

        task = asyncio.create_task(background())
        await asyncio.sleep(1)
        assert not task.done()
        return "done"

    async with world([flow, note]) as env:
        handle = await env.client.start(flow())
        await env.advance(2)
        assert (await handle.state()).status is da.RuntimeStatus.RUNNING
        assert await handle.result() == "done"
        assert env.now() == after(61)
        assert len(kinds_of(await handle.history(), ActivityCompleted)) == 1


async def test_nothing_that_lost_holds_it_open(world: World) -> None:
    """Lines 7 and 10."""
    cancelled: list[str] = []

    @da.activity
    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            cancelled.append(str(error))
            raise

    @da.orchestrator
    async def flow() -> str:
        waits = [asyncio.ensure_future(each) for each in (asyncio.sleep(1), asyncio.sleep(3_600))]
        waits.append(asyncio.ensure_future(endless()))
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return "done"

    async with world([flow, endless]) as env:
        handle = await env.client.start(flow())
        await env.advance(1)
        assert await handle.result() == "done"
        assert env.now() == after(1)
        while not cancelled:
            await asyncio.sleep(0)


async def test_an_uncaught_failure_ends_it_with_what_failed(world: World) -> None:
    """Line 8."""

    @da.activity
    async def charge() -> None:
        error = ValueError("declined")
        error.add_note("card of o-1")
        raise error from KeyError("rates")

    @da.orchestrator
    async def flow() -> None:
        await charge()

    async with world([flow, charge]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ValueError, match="declined") as caught:
            await handle.result()
        assert "card of o-1" in caught.value.__notes__
        assert isinstance(caught.value.__cause__, KeyError)
        failure = (await handle.state()).failure
        assert failure is not None
        assert failure.type_name == "builtins:ValueError"
        assert failure.message == "declined"
        assert "card of o-1" in failure.notes
        assert failure.cause is not None
        assert failure.cause.type_name == "builtins:KeyError"


async def test_a_worker_says_that_an_instance_failed_and_where(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Line 8."""

    @da.orchestrator
    async def flow() -> None:
        raise ValueError("out of stock")

    async with world([flow]) as env:
        handle = await env.client.start(flow(), id="order-1")
        await handle.wait()
    said = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    (line,) = said
    assert "'order-1' has FAILED: ValueError: out of stock" in line
    assert "test_line_01_basics.py:" in line


async def test_abandoned_generators_are_closed_when_main_ends_in_order_of_creation(
    world: World,
) -> None:
    """Line 8, and what follows it."""

    async def numbers(name: str) -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await note(name)

    @da.orchestrator
    async def flow() -> str:
        kept = [numbers(name) for name in ("first", "second")]
        for each in reversed(kept):
            async for _ in each:
                break
        return "done"

    async with world([flow, note]) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == "done"
        closed = kinds_of(await handle.history(), ActivityCompleted)
        assert [bytes(each.result.data) for each in closed] == [b'"second"', b'"first"']
