"""A failed history is taken back to before its failure, and goes on from there."""

import asyncio
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import (
    ARRIVAL,
    T0,
    Script,
    act,
    after,
    answered,
    asked,
    call,
    child,
    data,
    detached,
    done,
    entity,
    episode,
    event,
    failed,
    got,
    history_of,
    lock,
    outcome,
    refused,
    replayed,
    result_of,
    runtime,
    started,
)

from durable_async.core.rewind import Rewound, rewound
from durable_async.model.commands import (
    AwaitInstance,
    CallEntity,
    RequestLock,
    ScheduleActivity,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityScheduled,
    CancelRequested,
    EpisodeStarted,
    ExecutionCompleted,
    ExecutionFailed,
    HistoryEvent,
    LockRequested,
    TimerFired,
    TimerStarted,
)


def end_of(history: list[HistoryEvent]) -> ExecutionFailed:
    end = history[-1]
    assert isinstance(end, ExecutionFailed), end
    return end


def cut_event(history: list[HistoryEvent]) -> HistoryEvent:
    cut = end_of(history).cut
    assert cut is not None
    return history[cut]


def finish(script: Script, back: Rewound, *news: Any) -> Any:
    """What the execution comes to when it goes on: with what is redelivered, then `news`."""
    history = list(back.history)
    for each in (*back.redeliver, *news):
        history += outcome(replayed(script, history, each)).events
    if not (back.redeliver or news):
        history += outcome(replayed(script, history)).events
    end = history[-1]
    assert isinstance(end, ExecutionCompleted), end
    return ARRIVAL.value(end.result)


# ---- where a failure came in -----------------------------------------------------------------


async def two_steps() -> Any:
    return [await act(0), await act(1)]


def test_the_cut_is_the_failed_activity_that_left_main() -> None:
    history = history_of(two_steps, done(0, 0), failed(1))
    assert cut_event(history) == failed(1)
    assert not end_of(history).own


def test_the_cut_is_the_failed_child() -> None:
    async def parent() -> None:
        await child()

    assert cut_event(history_of(parent, refused(0))) == refused(0)


def test_the_cut_is_the_same_when_the_coroutine_was_rebuilt() -> None:
    history = history_of(two_steps, done(0, 0))
    live = history_of(two_steps, done(0, 0), failed(1))
    assert [*history, *outcome(replayed(two_steps, history, failed(1))).events] == live


def test_of_a_group_it_is_the_member_that_came_first() -> None:
    async def group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(careful(0))
            group.create_task(careful(1))

    async def careful(number: int) -> None:
        try:
            await act(number, name=f"act {number}")
        finally:
            await act(0, name=f"undo {number}")

    history = history_of(group, failed(1, "first"), done(2, 0), failed(3, "second"))
    assert cut_event(history) == failed(1, "first")
    assert not end_of(history).own


def test_of_nested_groups_it_is_the_member_that_came_first() -> None:
    async def script() -> None:
        errors = []
        for number in range(3):
            try:
                await act(number)
            except Exception as error:
                errors.append(error)
        inner = ExceptionGroup("inner", [errors[2], errors[1]])
        raise ExceptionGroup("outer", [ValueError("own"), inner]) from errors[0]

    history = history_of(script, failed(0), failed(1), failed(2))
    assert cut_event(history) == failed(1)


@pytest.mark.parametrize("how", ["cause", "context"])
def test_it_is_what_the_error_that_left_main_was_caused_by(how: str) -> None:
    async def wrapping() -> None:
        try:
            await act(0)
        except Exception as error:
            await act(1, name="tell")
            if how == "cause":
                raise ValueError("wrapped") from error
            raise ValueError("while handling it")  # noqa: B904  # the context is what is tested

    history = history_of(wrapping, failed(0), done(1, 0))
    assert cut_event(history) == failed(0)
    assert not end_of(history).own


def test_a_failure_whose_context_is_suppressed_is_the_codes_own() -> None:
    async def hiding() -> None:
        try:
            await act(0)
        except Exception:
            await act(1, name="tell")
            raise ValueError("own") from None

    history = history_of(hiding, failed(0), done(1, 0))
    assert cut_event(history) == done(1, 0)
    assert end_of(history).own


def test_errors_that_refer_to_each_other_are_followed_once() -> None:
    async def ring() -> None:
        first, second = ValueError("first"), ValueError("second")
        first.__cause__, second.__cause__ = second, first
        raise first

    assert end_of(history_of(ring)).own


def test_an_error_kept_from_another_execution_is_the_codes_own() -> None:
    kept: list[BaseException] = []

    async def keeping() -> None:
        try:
            await act(0)
        except Exception as error:
            kept.append(error)

    async def raising() -> None:
        await act(0)
        raise kept[0]

    history_of(keeping, failed(0))
    mark = vars(kept[0])["__durable_origin__"]
    vars(kept[0])["__durable_origin__"] = ("e-0", mark[1])
    assert end_of(history_of(raising, done(0, 0))).own


def test_the_codes_own_failure_is_cut_before_the_event_in_whose_step_it_failed() -> None:
    async def wrong() -> Any:
        value = await event("go")
        return 1 / value

    history = history_of(wrong, got("go", 0))
    assert cut_event(history) == got("go", 0)
    assert end_of(history).own


def test_a_group_of_the_codes_own_failures_is_its_own() -> None:
    async def wrong() -> None:
        await act(0)
        raise ExceptionGroup("both", [ValueError("one"), ValueError("two")])

    history = history_of(wrong, done(0, 0))
    assert cut_event(history) == done(0, 0)
    assert end_of(history).own


def test_the_step_counts_in_which_main_ended_not_the_one_in_which_clean_up_did() -> None:
    async def leftover() -> None:
        try:
            await event("never")
        finally:
            await act(1, name="clean")

    async def wrong() -> None:
        asyncio.create_task(leftover())
        await act(0)
        raise ValueError("no")

    history = history_of(wrong, done(0, 0), done(2, 0))
    assert cut_event(history) == done(0, 0)


def test_a_failure_in_the_first_episode_leaves_the_start() -> None:
    async def wrong() -> None:
        raise ValueError("no")

    history = history_of(wrong)
    assert end_of(history).cut == 1
    assert rewound(history) == Rewound(
        history=(started(),), redeliver=(), commands=(), locks=(), dropped=()
    )


def test_a_livelock_is_the_codes_own() -> None:
    async def busy() -> None:
        await act(0)
        while True:
            await asyncio.sleep(0)

    assert cut_event(history_of(busy, done(0, 0))) == done(0, 0)


# ---- what becomes of it ----------------------------------------------------------------------


def test_the_failed_activity_runs_again_and_the_one_before_it_does_not() -> None:
    history = history_of(two_steps, done(0, 5), failed(1))
    back = rewound(history)
    assert back.history == tuple(history[:-2])
    assert back.redeliver == ()
    (command,) = back.commands
    assert isinstance(command, ScheduleActivity)
    assert command.recorded() in history
    assert back.dropped == (failed(1),)
    assert finish(two_steps, back, done(1, 6)) == [5, 6]


def test_results_of_what_was_asked_for_before_are_kept_in_their_order() -> None:
    async def parallel() -> Any:
        return await asyncio.gather(*(shielded(number) for number in range(4)))

    async def shielded(number: int) -> Any:
        return await act(number, name=f"act {number}")

    async def patient() -> Any:
        tasks = [asyncio.create_task(shielded(number)) for number in range(4)]
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]

    history = history_of(patient, done(0, 10), failed(2), done(3, 13), done(1, 11))
    back = rewound(history)
    assert back.redeliver == (done(3, 13), done(1, 11))
    assert [each.number for each in back.commands if hasattr(each, "number")] == [2]
    assert finish(patient, back, done(2, 12)) == [10, 11, 12, 13]

    history = history_of(parallel, done(0, 10), failed(2))
    back = rewound(history)
    assert [getattr(each, "number", None) for each in back.commands] == [1, 2, 3]
    assert finish(parallel, back, done(3, 13), done(2, 12), done(1, 11)) == [10, 11, 12, 13]


def test_what_siblings_did_after_the_failure_is_forgotten() -> None:
    async def group() -> Any:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(careful())
            second = group.create_task(one())
        return [first.result(), second.result()]

    async def one() -> Any:
        return await act(1, name="fails")

    async def careful() -> Any:
        try:
            return await act(0, name="careful")
        except asyncio.CancelledError:
            await act(2, name="undo")
            raise

    history = history_of(group, failed(1), done(2, 0))
    assert ActivityCancelRequested(number=0) in history
    back = rewound(history)
    assert [getattr(each, "number", None) for each in back.commands] == [0, 1]
    assert back.dropped == (failed(1), done(2, 0))
    assert finish(group, back, done(0, 5), done(1, 6)) == [5, 6]


def test_events_and_requests_come_again_in_their_order() -> None:
    async def script() -> Any:
        task = asyncio.create_task(act_and_fail())
        await asyncio.wait([task])
        first = await event("a")
        second = await event("b")
        return [first, second, await task]

    async def act_and_fail() -> Any:
        return await act(0)

    news = [got("b", 0), failed(0), got("a", 1), asked("q", 2), attrs.evolve(got("c", 3), key="k")]
    back = rewound(history_of(script, *news))
    assert back.redeliver == (got("a", 1),)
    late = history_of(script, failed(0), asked("q", 2), got("b", 0), got("a", 1))
    assert rewound(late).redeliver == (asked("q", 2), got("b", 0), got("a", 1))
    assert finish(script, back, done(0, 9)) == [1, 0, 9]


def test_a_failure_that_was_caught_stays_caught() -> None:
    async def catching() -> Any:
        try:
            await act(0)
        except Exception as error:
            return [str(error), await act(1)]

    history = history_of(catching, failed(0, "caught"), failed(1))
    back = rewound(history)
    assert failed(0, "caught") in back.history
    assert finish(catching, back, done(1, 7)) == ["caught", 7]


def test_a_caught_failure_in_whose_step_the_code_failed_by_itself_comes_again() -> None:
    def script(*, mended: bool) -> Script:
        async def catching() -> Any:
            try:
                await act(0)
            except Exception as error:
                told = str(error)
            return told if mended else 1 / 0

        return catching

    history = history_of(script(mended=False), failed(0, "caught"))
    assert end_of(history).own
    back = rewound(history)
    assert (back.redeliver, back.commands, back.dropped) == ((failed(0, "caught"),), (), ())
    assert finish(script(mended=True), back) == "caught"


def test_what_failed_by_its_own_code_runs_again_on_the_new_code() -> None:
    async def wrong() -> Any:
        return 1 / await event("go")

    async def right() -> Any:
        return 1 + await event("go")

    back = rewound(history_of(wrong, got("go", 0)))
    assert back.redeliver == (got("go", 0),)
    assert finish(right, back) == 1


def test_timers_that_are_open_are_started_again_and_those_that_fired_fire_again() -> None:
    async def script() -> Any:
        short, long = (asyncio.create_task(asyncio.sleep(delay, delay)) for delay in (5, 500))
        task = asyncio.create_task(failing())
        await asyncio.wait([short, task])
        await asyncio.wait([short])
        return [await task, await short, await long]

    async def failing() -> Any:
        return await act(0)

    history = history_of(script, failed(2), TimerFired(number=0))
    back = rewound(history)
    assert back.redeliver == (TimerFired(number=0),)
    assert back.commands[0] == StartTimer(
        number=1,
        due=after(500),
        line=back.commands[0].line if hasattr(back.commands[0], "line") else "",
    )
    assert finish(script, back, done(2, 1), TimerFired(number=1)) == [1, 5, 500]


def test_every_kind_of_call_is_carried_out_anew_and_answers_are_kept() -> None:
    async def script() -> Any:
        waits = [child(), detached()[1], result_of("other"), call("a"), lock("b")[1], act(0)]
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]

    history = history_of(script)
    failing = [
        *history,
        episode(),
        refused(0),
        ExecutionFailed(failure=Failure(type_name="x:Y", message=""), cut=len(history) + 1),
    ]
    back = rewound(failing)
    assert [type(each) for each in back.commands] == [
        StartChild,
        StartInstance,
        AwaitInstance,
        CallEntity,
        RequestLock,
        ScheduleActivity,
    ]
    assert all(each.recorded() in history for each in back.commands)
    answers = [answered(number, number) for number in range(1, 4)]
    kept = rewound([*failing[:-1], *answers, failing[-1]])
    assert kept.redeliver == tuple(answers)
    assert [type(each) for each in kept.commands] == [StartChild, RequestLock, ScheduleActivity]


def test_a_lock_granted_after_the_cut_is_requested_again() -> None:
    async def script() -> Any:
        task = asyncio.create_task(failing())
        number, granted = lock("a")
        await granted
        runtime().release_lock(number)
        return await task

    async def failing() -> Any:
        await asyncio.sleep(0)
        return await act(0)

    history = history_of(script, failed(1), answered(0))
    back = rewound(history)
    assert answered(0) in back.dropped
    assert [type(each) for each in back.commands] == [RequestLock, ScheduleActivity]
    assert back.locks == ()
    assert finish(script, back, answered(0), done(1, 3)) == 3


def test_a_lock_is_requested_again_in_whose_granting_step_the_code_failed() -> None:
    async def script() -> None:
        await lock("a")[1]
        raise ValueError("no")

    back = rewound(history_of(script, answered(0)))
    assert (back.redeliver, back.dropped) == ((), (answered(0),))
    assert [type(each) for each in back.commands] == [RequestLock]


def test_locks_held_at_the_cut_are_to_be_taken_again() -> None:
    async def section() -> Any:
        given = lock("z")
        await given[1]
        runtime().release_lock(given[0])
        number, granted = lock("a", "b")
        await granted
        try:
            return await call("a", lock=number)
        finally:
            runtime().release_lock(number)

    history = history_of(section, answered(0), answered(1), refused(2))
    back = rewound(history)
    assert back.locks == (
        RequestLock(number=1, entities=(entity("a"), entity("b")), line="flows.py:13"),
    )
    assert [type(each) for each in back.commands] == [CallEntity]
    assert finish(section, back, answered(2, 8)) == 8


@pytest.mark.parametrize("end", [ActivityCancelled(number=0), done(0, 1), failed(0)])
def test_the_end_of_a_cancelled_activity_that_is_waited_for_comes_again(end: Any) -> None:
    async def script() -> Any:
        task = asyncio.create_task(patient())
        other = asyncio.create_task(failing())
        await event("go")
        task.cancel()
        await asyncio.wait([task, other], return_when=asyncio.ALL_COMPLETED)
        return [task.cancelled(), await other]

    async def patient() -> Any:
        await act(0, wait=True)

    async def failing() -> Any:
        return await act(1, name="fails")

    begun = history_of(script)
    numbers = {event.name: event.number for event in begun if isinstance(event, ActivityScheduled)}
    ended = attrs.evolve(end, number=numbers["act"])
    lost = failed(numbers["fails"])
    history = history_of(script, got("go", 1), lost, ended)
    back = rewound(history)
    assert back.redeliver == (ended,)
    assert finish(script, back, done(numbers["fails"], 4)) == [True, 4]
    unknown = rewound([each for each in history if each != ended])
    assert unknown.redeliver == (ActivityCancelled(number=numbers["act"]),)
    assert finish(script, unknown, done(numbers["fails"], 4)) == [True, 4]


def test_an_activity_that_came_to_its_end_after_its_cancel_is_closed() -> None:
    async def script() -> Any:
        task = asyncio.create_task(patient())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return await act(1)

    async def patient() -> Any:
        await act(0, wait=True)

    back = rewound(history_of(script, ActivityCancelled(number=0), failed(1)))
    assert back.redeliver == ()
    assert finish(script, back, done(1, 2)) == 2


def test_a_cancel_comes_again_only_to_code_that_failed_over_it() -> None:
    async def clumsy() -> None:
        try:
            await act(0)
        except asyncio.CancelledError:
            raise ValueError("no") from None

    async def slow() -> None:
        try:
            await act(0)
        finally:
            try:
                await act(1)
            except asyncio.CancelledError:
                await act(2)

    stop = CancelRequested(reason="stop")
    assert rewound(history_of(clumsy, stop)).redeliver == (stop,)
    back = rewound(history_of(slow, failed(0), stop, done(2, 0)))
    assert (back.redeliver, back.dropped) == ((), (failed(0), stop, done(2, 0)))


# ---- again -----------------------------------------------------------------------------------


def test_it_may_be_done_again_and_again() -> None:
    history = history_of(two_steps, done(0, 5), failed(1, "once"))
    for again in ("twice", "three times"):
        back = rewound(history)
        news = failed(1, again)
        history = [*back.history, *outcome(replayed(two_steps, list(back.history), news)).events]
        assert cut_event(history) == news
    assert finish(two_steps, rewound(history), done(1, 6)) == [5, 6]


def test_a_failure_that_no_episode_brought_is_cut_before_the_last_news() -> None:
    limit = ExecutionFailed(failure=Failure(type_name="x:HistoryLimitError", message=""))
    history = history_of(two_steps, done(0, 5))
    back = rewound([*history, limit])
    assert back.history == tuple(history[:-2])
    assert back.redeliver == (done(0, 5),)
    assert finish(two_steps, back, done(1, 6)) == [5, 6]
    assert rewound([started(), limit]).history == (started(),)
    assert rewound([started(), episode(), limit]).history == (started(),)


@pytest.mark.parametrize(
    "history", [[], [started()], [started(), ExecutionCompleted(result=data(1))]]
)
def test_only_a_failed_history_can_be_rewound(history: Any) -> None:
    with pytest.raises(ValueError, match="only a failed history"):
        rewound(history)


def test_the_start_stays_whatever_the_cut_says() -> None:
    end = ExecutionFailed(failure=Failure(type_name="x:Y", message=""), cut=0, own=True)
    assert rewound([started(), EpisodeStarted(at=T0), end]).history == (started(),)


def test_what_is_kept_and_what_comes_again_is_all_that_had_been_answered() -> None:
    async def script() -> Any:
        timer = asyncio.create_task(asyncio.sleep(5))
        parts = [asyncio.ensure_future(act(number)) for number in range(3)]
        await asyncio.wait([timer, *parts])
        return [part.result() for part in parts]

    history = history_of(script)
    numbers = [each.number for each in history if isinstance(each, ActivityScheduled)]
    (timer,) = [each.number for each in history if isinstance(each, TimerStarted)]
    news = [done(numbers[0], 1), failed(numbers[1]), TimerFired(number=timer), done(numbers[2], 3)]
    back = rewound(history_of(script, *news))
    assert finish(script, back, done(numbers[1], 2)) == [1, 2, 3]
    assert not any(isinstance(each, LockRequested) for each in back.history)
