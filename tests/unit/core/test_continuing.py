"""Going on as new: where it is called it holds, whatever surrounds it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import (
    T0,
    Code,
    act,
    answer,
    asked,
    child,
    data,
    done,
    episode,
    event,
    failed,
    first,
    go_on,
    got,
    history_of,
    kept_and_rebuilt,
    lock,
    mismatch,
    outcome,
    replayed,
    request,
    runtime,
    send,
    started,
)

from durable_async.core.episode import Execution, run_episode
from durable_async.model.commands import AnswerRequest, SendEvent
from durable_async.model.history import (
    CancelRequested,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.model.identity import Caller
from durable_async.model.outcome import Outcome


def continued(result: Any) -> ExecutionContinued:
    ended = outcome(result).ended
    assert isinstance(ended, ExecutionContinued), ended
    assert outcome(result).events[-1] == ended
    return ended


def answers(result: Outcome) -> list[AnswerRequest]:
    return [each for each in result.commands if isinstance(each, AnswerRequest)]


def rejected(result: Outcome) -> dict[str, str]:
    """How the reason begins, by the request."""
    return {
        each.request_id: each.reason.partition(" before")[0].partition(",")[0]
        for each in answers(result)
        if each.result is None
    }


# ---- what it records -------------------------------------------------------------------------


async def at_once() -> None:
    go_on("next", x=2)


def test_it_is_recorded_at_its_line_with_what_comes_next() -> None:
    result = first(at_once)
    ended = continued(result)
    assert result.events == (episode(), ended)
    assert (ended.line, ended.fingerprint) == ("flows.py:14", 2)
    assert (ended.request.instance_id, ended.request.name) == ("order-1", "next")
    assert ended.request.input == data([2])
    assert not result.idle


def test_the_next_execution_has_an_id_of_its_own_that_replay_makes_again() -> None:
    ids = [continued(first(at_once)).request.execution_id for _ in range(2)]
    assert ids[0] == ids[1] != "e-1"
    assert len(ids[0]) == 32


def test_parent_queue_and_tags_go_on_unless_others_are_given() -> None:
    parent = Caller("boss", "e-0", 3)
    start = attrs.evolve(started(), parent=parent, queue="slow", tags={"a": "b"})

    async def other() -> None:
        go_on(queue="fast", tags={})

    kept = continued(run_episode(Code(at_once), [start], (), T0)).request
    assert (kept.parent, kept.queue, kept.tags) == (parent, "slow", {"a": "b"})
    changed = continued(run_episode(Code(other), [start], (), T0)).request
    assert (changed.parent, changed.queue, changed.tags) == (parent, "fast", {})


def test_what_was_asked_for_before_stays_asked_for() -> None:
    async def telling() -> None:
        send()
        go_on()

    assert [type(each) for each in first(telling).commands] == [SendEvent]


# ---- what surrounds it -----------------------------------------------------------------------


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(clean_up())
        await act(0)
        go_on()


async def in_an_empty_group() -> None:
    async with asyncio.TaskGroup():
        await act(0)
        go_on()


async def in_a_task_of_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(clean_up())
        group.create_task(later())
        await act(0)


async def in_a_quiet_gather() -> None:
    await asyncio.gather(later(), clean_up(), act(0), return_exceptions=True)
    act(100)


async def in_except_base_exception() -> None:
    while True:
        try:
            await act(0)
            go_on()
        except BaseException:
            await act(100)


async def in_a_broken_finally() -> None:
    while True:
        try:
            await act(0)
            go_on()
        finally:
            break  # noqa: B012  # that it silences is what is tested
    act(100)
    await event("never")


async def in_a_background_task() -> None:
    asyncio.create_task(later())
    await act(0)
    await event("never")


async def in_a_timeout() -> None:
    async with asyncio.timeout(60):
        try:
            await act(0)
            go_on()
        finally:
            await act(100)


async def in_a_shield() -> None:
    await asyncio.gather(asyncio.shield(later()), act(0))


async def in_wait_for() -> None:
    await asyncio.gather(asyncio.wait_for(later(), 60), act(0))


async def in_a_callback() -> None:
    act(0).add_done_callback(lambda _: go_on())
    await event("never")


async def in_an_exit_stack() -> None:
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(clean_up)
        await act(0)
        go_on()


async def in_a_generator() -> None:
    async def numbers() -> AsyncIterator[int]:
        try:
            yield await act(0)
            go_on()
        finally:
            await act(100)

    async for _ in numbers():
        pass


async def inside_a_lock() -> None:
    number, _ = lock("a")
    try:
        await act(0)
        go_on()
    finally:
        runtime().release_lock(number)


async def twice() -> None:
    await act(0)
    try:
        go_on()
    finally:
        go_on("other")


async def later() -> None:
    await act(1)
    go_on()


async def clean_up() -> None:
    try:
        await event("never")
    finally:
        act(100)
        send()
        runtime().set_custom_status(data("cleaning up"))
        with contextlib.suppress(Exception):
            await child()


SURROUNDINGS = [
    in_a_group,
    in_an_empty_group,
    in_a_task_of_a_group,
    in_a_quiet_gather,
    in_except_base_exception,
    in_a_broken_finally,
    in_a_background_task,
    in_a_timeout,
    in_a_shield,
    in_wait_for,
    in_a_callback,
    in_an_exit_stack,
    in_a_generator,
    inside_a_lock,
    twice,
]


def activity_of(history: list[HistoryEvent]) -> int:
    """The number of the activity that is followed by the call."""
    scheduled = [each for each in history if type(each).__name__ == "ActivityScheduled"]
    return max(getattr(each, "number", 0) for each in scheduled)


@pytest.mark.parametrize("surrounded", SURROUNDINGS)
def test_it_holds_where_it_is_called(surrounded: Any) -> None:
    reports: list[str] = []
    history = history_of(surrounded)
    begun = history_of(surrounded)
    last = activity_of(begun)
    rest = [each for each in range(last) if done(each, 0) not in begun]
    news = done(last, 0)
    execution = Execution(Code(surrounded), report=lambda what, error: reports.append(what))
    execution.run([started()], (), T0)
    result = outcome(execution.run((), (news,), T0))
    execution.close()
    if not isinstance(result.ended, ExecutionContinued):
        news = done(rest[0], 0)  # the call stands behind the other one
        result = outcome(replayed(surrounded, history, news))
    assert continued(result).request.name == "script"
    assert result.events == (episode(), news, continued(result)), "nothing is recorded after it"
    assert result.commands == ()
    assert not isinstance(result.custom_status, type(data(1)))
    assert reports == []
    history += result.events
    again = outcome(replayed(surrounded, history))
    assert (again.events, again.commands, again.ended) == ((), (), result.ended)
    assert kept_and_rebuilt(surrounded, news) == history


def test_no_other_task_runs_any_more() -> None:
    seen: list[str] = []

    async def other() -> None:
        await event("go")
        seen.append("ran")

    async def script() -> None:
        task = asyncio.create_task(other())
        await event("go")
        runtime().inbox.receive(got("go", 2))
        task.cancel()
        asyncio.get_running_loop().call_soon(seen.append, "called")
        go_on()

    history = history_of(script)
    continued(replayed(script, [*history], got("go", 1), got("go", 1)))
    assert seen == ["ran"] or seen == []


def test_failures_of_other_tasks_are_reported_and_its_own_end_is_not() -> None:
    reports: list[Any] = []
    kept: list[Any] = []

    async def failing() -> None:
        raise ValueError("nobody looks")

    async def script() -> None:
        kept.append(asyncio.create_task(failing()))
        kept.append(asyncio.current_task())
        await act(0)
        go_on()

    execution = Execution(Code(script), report=lambda what, error: reports.append(repr(error)))
    execution.run([started()], (), T0)
    execution.run((), (done(0, 1),), T0)
    execution.close()
    assert reports == ["ValueError('nobody looks')"]


def test_after_main_has_ended_it_is_refused_as_the_outcome_is_fixed() -> None:
    seen: list[str] = []

    async def stubborn() -> None:
        try:
            await event("never")
        finally:
            try:
                go_on()
            except Exception as error:
                seen.append(str(error))

    async def script() -> str:
        asyncio.create_task(stubborn())
        await act(0)
        return "done"

    history = kept_and_rebuilt(script, done(0, 0))
    assert history[-1] == ExecutionCompleted(result=data("done"))
    assert "outcome is fixed" in seen[0]


# ---- what goes on with it --------------------------------------------------------------------


def test_events_that_nobody_has_taken_are_carried_in_the_order_in_which_they_came() -> None:
    async def script() -> None:
        await event("b")
        await request("q")
        await act(0)
        go_on()

    news = [
        got("a", 1),
        asked("q", 2, "r-1"),
        got("b", 3),
        got("b", 4),
        asked("q", 5, "r-2"),
        attrs.evolve(got("a", 6), key="once"),
    ]
    history = history_of(script, *news)
    result = outcome(replayed(script, history, done(2, 0)))
    assert result.carried == (news[0], news[3], news[4], news[5])


def test_an_event_handed_to_who_has_not_gone_on_with_it_is_carried() -> None:
    async def script() -> None:
        waiter = asyncio.create_task(event("go"))
        other = asyncio.create_task(event("go"))
        await act(0)
        runtime().inbox.receive(got("go", 1))
        other.cancel()
        runtime().inbox.receive(got("go", 2))
        assert not waiter.done()
        go_on()

    result = outcome(replayed(script, history_of(script), got("a", 0), done(0, 0)))
    assert result.carried == (got("a", 0), got("go", 1), got("go", 2))


def test_the_order_outlasts_a_waiter_that_was_cancelled() -> None:
    async def script() -> None:
        waiter = asyncio.create_task(event("go"))
        await act(0)
        runtime().inbox.receive(got("go", 1))
        runtime().inbox.receive(got("else", 2))
        waiter.cancel()
        await asyncio.wait([waiter])
        go_on()

    result = outcome(replayed(script, history_of(script), done(0, 0)))
    assert result.carried == (got("go", 1), got("else", 2))


def test_nothing_is_carried_if_it_is_to_be_dropped() -> None:
    async def script() -> None:
        await act(0)
        go_on(carry=False)

    result = outcome(replayed(script, history_of(script, got("a", 1)), done(0, 0)))
    assert result.carried is None
    assert continued(result)


def test_a_request_that_was_taken_and_left_open_is_turned_down() -> None:
    async def script() -> None:
        await request()
        await request()
        answer("r-2")
        await request()
        await act(0)
        go_on()

    news = [asked("ask", number, f"r-{number}") for number in (1, 2, 3, 4)]
    result = outcome(replayed(script, history_of(script, *news), done(4, 0)))
    assert result.carried == (news[3],)
    assert rejected(result) == {"r-1": "it was taken", "r-3": "it was taken"}
    assert all(each.line == "flows.py:14" for each in answers(result))
    assert [each.number for each in answers(result)] == [5, 6]


def test_a_request_that_is_handed_to_who_has_not_gone_on_with_it_is_carried() -> None:
    async def script() -> None:
        asyncio.create_task(request())
        await act(0)
        runtime().inbox.receive(asked("ask", 1))
        go_on()

    result = outcome(replayed(script, history_of(script), done(0, 0)))
    assert (result.carried, rejected(result)) == ((asked("ask", 1),), {})


def test_requests_that_are_dropped_are_turned_down() -> None:
    async def script() -> None:
        await request()
        await act(0)
        go_on(carry=False)

    news = [asked("ask", 1, "r-1"), got("a", 2), asked("else", 3, "r-2")]
    result = outcome(replayed(script, history_of(script, *news), done(1, 0)))
    assert result.carried is None
    assert rejected(result) == {"r-1": "it was taken", "r-2": "it was not taken"}


def test_who_has_answered_turns_down_nothing() -> None:
    async def script() -> None:
        await request()
        answer("r-1")
        go_on()

    result = outcome(replayed(script, history_of(script), asked("ask", 1)))
    assert [each.result for each in answers(result)] == [data(1)]


def test_other_outcomes_carry_nothing() -> None:
    async def script() -> None:
        await act(0)

    assert outcome(replayed(script, history_of(script, got("a", 1)), done(0, 0))).carried is None


def test_news_behind_it_is_not_reached() -> None:
    async def script() -> None:
        await event("go")
        go_on()

    execution = Execution(Code(script))
    execution.run([started()], (), T0)
    news = (done(9, 0), got("go", 1), got("more", 2), CancelRequested(reason="stop"))
    result = outcome(execution.run((), news, T0))
    execution.close()
    assert (execution.reached, result.carried) == (2, ())
    assert continued(result)


def test_news_of_an_execution_that_ends_in_its_first_step_is_not_reached() -> None:
    execution = Execution(Code(at_once))
    result = outcome(execution.run([started()], (got("a", 1), CancelRequested()), T0))
    execution.close()
    assert (execution.reached, result.carried) == (0, ())
    assert [type(each) for each in result.events] == [type(episode()), ExecutionContinued]


def test_all_news_of_an_execution_that_goes_on_is_reached() -> None:
    async def script() -> None:
        await event("go")

    execution = Execution(Code(script))
    execution.run([started()], (), T0)
    execution.run((), (done(9, 0), done(8, 0)), T0)
    assert execution.reached == 2
    execution.run((), (got("a", 1), got("b", 1), done(7, 1)), T0)
    assert execution.reached == 3
    execution.close()


def test_the_next_execution_begins_with_what_was_carried() -> None:
    async def script() -> Any:
        return [await event("a"), await event("b")]

    ended = continued(first(at_once))
    start = ExecutionStarted(
        format=1,
        instance_id="order-1",
        execution_id=ended.request.execution_id,
        name="script",
        input=data([]),
        at=T0,
    )
    result = outcome(run_episode(Code(script), [start], (got("b", 2), got("a", 1)), T0))
    assert result.ended == ExecutionCompleted(result=data([1, 2]))


# ---- held against history --------------------------------------------------------------------


async def charge_then_go_on() -> None:
    await act(1, name="charge")
    go_on("script", x=1)


def test_going_on_with_something_else_is_a_mismatch() -> None:
    async def other_name() -> None:
        await act(1, name="charge")
        go_on("another")

    history = history_of(charge_then_go_on, done(0, 0))
    message = mismatch(replayed(other_name, history))
    assert "going on as new with 'another' at flows.py:14" in message
    assert "going on as new with 'script' at flows.py:14" in message


def test_going_on_with_other_arguments_is_reported_and_in_strict_replay_a_mismatch() -> None:
    async def other_arguments() -> None:
        await act(1, name="charge")
        go_on("script", x=2)

    history = history_of(charge_then_go_on, done(0, 0))
    reports: list[str] = []
    execution = Execution(Code(other_arguments), report=lambda what, error: reports.append(what))
    result = outcome(execution.run(history, (), T0))
    execution.close()
    assert result.ended == history[-1]
    assert "arguments changed" in reports[0] and "with other arguments" in reports[0]
    strict = run_episode(Code(other_arguments), history, (), T0, strict=True)
    assert "going on as new with 'script' with other arguments" in mismatch(strict)


async def ends_instead() -> None:
    await act(1, name="charge")


async def fails_instead() -> None:
    await act(1, name="charge")
    raise ValueError("no")


async def asks_instead() -> None:
    await act(1, name="charge")
    await act(2, name="refund", line="new.py:3")


async def waits_instead() -> None:
    await act(1, name="charge")
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (ends_instead, "the orchestrator now ends"),
        (fails_instead, "the orchestrator now fails, with ValueError: no"),
        (asks_instead, "activity 'refund' at new.py:3"),
        (waits_instead, "the code now waits without asking for it"),
    ],
)
def test_not_going_on_where_history_did_is_a_mismatch(changed: Any, said: str) -> None:
    message = mismatch(replayed(changed, history_of(charge_then_go_on, done(0, 0))))
    assert said in message
    assert "going on as new with 'script' at flows.py:14" in message


@pytest.mark.parametrize("recorded", [ends_instead, fails_instead, asks_instead, waits_instead])
def test_going_on_where_history_did_something_else_is_a_mismatch(recorded: Any) -> None:
    message = mismatch(replayed(charge_then_go_on, history_of(recorded, done(0, 0))))
    assert "the code asks for going on as new with 'script' at flows.py:14" in message


def test_failing_is_no_going_on() -> None:
    async def script() -> None:
        await act(0)
        go_on()

    result = outcome(replayed(script, history_of(script), failed(0)))
    assert isinstance(result.ended, ExecutionFailed)
    assert isinstance(result, Outcome) and result.carried is None
