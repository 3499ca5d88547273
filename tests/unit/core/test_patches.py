"""Patches: new code for those that have not come by, the old for those that have."""

import asyncio
from typing import Any

import pytest
from tests.unit.core.scripts import (
    T0,
    Code,
    act,
    data,
    done,
    event,
    first,
    got,
    history_of,
    kept_and_rebuilt,
    mismatch,
    outcome,
    replayed,
    runtime,
    started,
)

from durable_async.core.episode import Execution
from durable_async.model.commands import MarkPatch
from durable_async.model.history import ExecutionCompleted, HistoryEvent, PatchMarked


async def old() -> Any:
    await act(1, name="reserve")
    await act(2, name="charge")
    return "old"


async def new() -> Any:
    await act(1, name="reserve")
    if runtime().patched("check"):
        await act(3, name="check")
    await act(2, name="charge")
    return "new"


async def asks_twice() -> Any:
    before = runtime().patched("check")
    await act(1, name="reserve")
    after = runtime().patched("check")
    await act(2, name="charge")
    return [before, after]


def test_code_that_comes_by_for_the_first_time_goes_the_new_way_and_marks_it() -> None:
    result = outcome(replayed(new, history_of(new), done(0, 0)))
    assert result.commands[0] == MarkPatch(id="check")
    assert PatchMarked(id="check") in result.events
    assert kept_and_rebuilt(new, done(0, 0), done(1, 0), done(2, 0))[-1] == ExecutionCompleted(
        result=data("new")
    )


def test_an_execution_that_has_gone_past_goes_the_old_way() -> None:
    history = history_of(old, done(0, 0))
    result = outcome(replayed(new, history, done(1, 0)))
    assert result.ended == ExecutionCompleted(result=data("new"))
    assert result.commands == ()


def test_an_execution_that_has_not_come_to_it_yet_goes_the_new_way() -> None:
    result = outcome(replayed(new, history_of(old), done(0, 0)))
    assert [type(each).__name__ for each in result.commands] == ["MarkPatch", "ScheduleActivity"]


def test_the_answer_stays_the_same_for_the_whole_execution() -> None:
    history = history_of(old)
    execution = Execution(Code(asks_twice))
    news = (done(0, 0), done(1, 0))
    outcome(execution.run(history, (), T0))
    result = outcome(execution.run((), news, T0))
    assert result.ended == ExecutionCompleted(result=data([False, False]))
    assert execution.patches == {"check": False}
    execution.close()
    assert outcome(replayed(asks_twice, history, *news)).events == result.events
    assert kept_and_rebuilt(asks_twice, *news)[-1] == ExecutionCompleted(result=data([True, True]))


def test_a_patch_is_marked_once() -> None:
    history = kept_and_rebuilt(asks_twice, done(0, 0), done(1, 0))
    assert history.count(PatchMarked(id="check")) == 1


async def without() -> Any:
    """The new code, when nobody needs the old one any more."""
    await act(1, name="reserve")
    await act(3, name="check")
    await act(2, name="charge")
    return "new"


@pytest.mark.parametrize("news", [[], [done(0, 0)], [done(0, 0), done(1, 0)]])
def test_the_question_may_be_taken_out_again(news: list[Any]) -> None:
    history = history_of(new, *news)
    assert outcome(replayed(without, history)).events == ()
    ended = history_of(new, done(0, 0), done(1, 0), done(2, 0))
    assert outcome(replayed(without, ended)).events == ()


def test_taking_it_out_while_an_execution_needs_the_old_way_is_a_mismatch() -> None:
    assert "activity 'check'" in mismatch(replayed(without, history_of(old, done(0, 0))))


def test_a_mark_is_found_wherever_it_stands() -> None:
    async def later() -> Any:
        await act(1, name="reserve")
        await act(2, name="charge")
        return runtime().patched("check")

    history = history_of(later, done(0, 0))
    marked = [*history, PatchMarked(id="check")]
    result = outcome(replayed(later, marked, done(1, 0)))
    assert result.ended == ExecutionCompleted(result=data(True))
    assert result.commands == ()

    async def earlier() -> Any:
        seen = runtime().patched("check")
        await act(1, name="reserve")
        await act(2, name="charge")
        return seen

    result = outcome(replayed(earlier, marked, done(1, 0)))
    assert result.ended == ExecutionCompleted(result=data(True))


def test_marks_before_and_after_cancels_ends_and_commands_are_passed_over() -> None:
    async def marking(*, marks: bool) -> Any:
        timer = asyncio.get_running_loop().call_later(60, print)
        await act(1)
        if marks:
            assert runtime().patched("a")
        timer.cancel()
        if marks:
            assert runtime().patched("b")
        await act(2)
        if marks:
            assert runtime().patched("c")

    async def with_marks() -> Any:
        await marking(marks=True)

    async def without_marks() -> Any:
        await marking(marks=False)

    history = kept_and_rebuilt(with_marks, done(1, 0), done(2, 0))
    assert outcome(replayed(without_marks, history)).events == ()
    assert "the orchestrator now ends before it" not in str(replayed(without_marks, history))


def test_how_long_history_is_does_not_depend_on_replay() -> None:
    lengths: list[list[int]] = []

    async def measuring() -> None:
        seen: list[int] = []
        lengths.append(seen)

        def note() -> None:
            seen.append(runtime().info().history_length)

        note()
        timer = asyncio.get_running_loop().call_later(60, print)
        runtime().patched("a")
        note()
        act(1)
        runtime().patched("b")
        timer.cancel()
        note()
        await act(2)
        runtime().patched("a")
        runtime().patched("c")
        note()
        other = asyncio.get_running_loop().call_later(60, print)
        await event("go")
        act(3)
        other.cancel()
        note()
        await event("never")

    history = history_of(measuring, done(2, 0), got("go", 1))
    lengths[:] = [lengths[0]]
    outcome(replayed(measuring, history))
    assert lengths[0] == lengths[1] == [2, 4, 7, 11, 17]


def test_a_patch_marked_in_an_episode_that_was_never_stored_is_asked_for_again() -> None:
    history: list[HistoryEvent] = history_of(new)
    lost = outcome(replayed(new, history, done(0, 0)))
    again = outcome(replayed(new, history, done(0, 0)))
    assert lost.events == again.events
    assert first(new).commands[0] != MarkPatch(id="check")
    assert started() == history[0]
