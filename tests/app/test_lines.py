"""Which line of the user's code history, stack and messages name: never one of a library's."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async import testing
from durable_async.lines import is_machinery, is_users_file, user_place


@da.entity
@attrs.define
class Tally:
    total: int = 0

    def add(self, amount: int) -> int:
        self.total += amount
        return self.total


@da.activity
async def undo(step: int) -> None:
    if step == 1:
        raise ValueError(step)


@da.orchestrator(name="lines_child")
async def child() -> None: ...


TALLY = da.entity_ref(Tally, "t")


@da.orchestrator
async def saga() -> None:
    with contextlib.suppress(ValueError):
        async with contextlib.AsyncExitStack() as stack:  # the line
            for step in range(3):
                stack.push_async_callback(undo, step)
            stack.push_async_callback(child)
            stack.push_async_callback(TALLY.call, Tally.add, 1)
            stack.callback(TALLY.signal, Tally.add, 1)
            stack.callback(da.send_event, "nobody", "news")


@da.orchestrator
async def cancelled() -> None:
    async with contextlib.AsyncExitStack() as stack:  # the line
        stack.push_async_callback(undo, 0)
        await asyncio.Event().wait()


@da.orchestrator
async def partly() -> None:
    await functools.partial(undo, 0)()  # the line


@da.orchestrator
async def mapped() -> None:
    await asyncio.gather(*map(undo, (0, 2)))  # the line


FUNCTIONS = [Tally, undo, child, saga, cancelled, partly, mapped]


def _line_of(function: Callable[..., object]) -> str:
    """Where it says "the line"."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    first = function.__code__.co_firstlineno
    number = next(n for n, text in enumerate(lines, 1) if n >= first and "# the line" in text)
    return f"{__file__}:{number}"


async def _lines(handle: da.Handle[Any]) -> list[str]:
    return [event.line for event in await handle.history() if hasattr(event, "line")]


async def test_compensations_of_an_exit_stack_stand_at_their_async_with() -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(saga())
        await handle.result()
        lines = await _lines(handle)
        assert len(lines) == 7
        assert set(lines) == {_line_of(saga.fn)}


async def test_compensations_after_a_cancel_stand_there_as_well() -> None:
    async with testing.environment([undo, cancelled]) as env:
        handle = await env.client.start(cancelled())
        await env.advance(1)
        await handle.cancel("enough")
        await handle.wait()
        assert await _lines(handle) == [_line_of(cancelled.fn)]


@pytest.mark.parametrize("orchestrator", [partly, mapped], ids=lambda each: each.name)
async def test_calls_that_a_library_makes_stand_where_the_user_had_them_made(
    orchestrator: da.Orchestrator[[], None],
) -> None:
    async with testing.environment([undo, orchestrator]) as env:
        handle = await env.client.start(orchestrator())
        await handle.result()
        assert set(await _lines(handle)) == {_line_of(orchestrator.fn)}


async def test_an_orchestrator_of_ours_names_no_line() -> None:
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    async with testing.environment([undo, partly], start_time=start) as env:
        await env.client.schedules.create("often", partly(), every=timedelta(hours=1))
        await env.advance(timedelta(hours=3))
        assert await env.client.count(name="partly") == 3
        handle = env.client.handle("schedule:often")
        lines = await _lines(handle)
        assert len(lines) > 3
        assert set(lines) == {""}
        stack = await handle.stack()
        assert ".py:" not in stack, stack


def test_a_call_that_no_line_made_can_be_shown_and_forgotten() -> None:
    """As when a loop that is no user's calls it: that its line is unknown is no reason to fail."""

    def make_and_forget() -> str:
        call = undo(0)
        call.place = None
        return repr(call)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = make_and_forget()
    assert shown == "<call of activity 'undo' made at an unknown line>"
    assert [(str(each.message)[:55], each.filename) for each in caught] == [
        ("the call of activity 'undo' made at an unknown line was", "<unknown>")
    ]


def test_the_search_ends_at_the_loop_of_an_orchestrator() -> None:
    """This very function is a user's, and calls the loop; no line of it is of the orchestrator."""
    from durable_async.core.clock import ExecutionClock
    from durable_async.core.loop import OrchestratorLoop

    class NoTimers:
        def start_timer(self, due: object, handle: object) -> int:
            raise AssertionError

        def cancel_timer(self, number: int) -> None: ...
        def order_cancels(self) -> None: ...
        def refuse_in_side_effect(self, what: str) -> None: ...

    loop = OrchestratorLoop(
        seed=0,
        clock=ExecutionClock(),
        timers=NoTimers(),
        runtime=None,
        report=lambda message, error: None,
    )
    found: list[object] = []
    of_library: dict[str, Any] = {}
    code = "def find(found, search): found.append(search())"
    exec(compile(code, json.__file__, "exec"), of_library)
    with loop.entered():
        loop.call_soon(of_library["find"], found, user_place)
        loop.run_until_idle()
    assert user_place() is not None
    assert found == [None]


def test_which_files_are_the_users() -> None:
    for theirs in (__file__, pytest.__file__, "<stdin>", "/srv/app/json/decoder.py"):
        assert is_users_file(theirs)
    for pythons in (json.__file__, functools.__file__, "<frozen runpy>"):
        assert not is_users_file(pythons)
    for machinery in (asyncio.__file__, contextlib.__file__, da.__file__):
        assert is_machinery(machinery)
        assert not is_users_file(machinery)
    # Its frames are shown in tracebacks: what a library did is a part of the story.
    assert not is_machinery(json.__file__)
