"""A cancel that is requested from outside: CancelledError in main, and what becomes of it."""

import asyncio
import contextlib
from typing import Any

import pytest
from tests.unit.core.scripts import (
    T0,
    Code,
    act,
    answered,
    child,
    data,
    done,
    episode,
    event,
    failed,
    got,
    history_of,
    kept_and_rebuilt,
    mismatch,
    outcome,
    replayed,
    started,
)

from durable_async.core.episode import Execution, run_episode
from durable_async.model.commands import CancelActivity, CancelChild
from durable_async.model.failure import Failure
from durable_async.model.history import (
    CancelRequested,
    EpisodeStarted,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    HistoryEvent,
    TimerFired,
    TimerStarted,
)


def stop(reason: str = "stop") -> CancelRequested:
    return CancelRequested(reason=reason)


async def waiting() -> None:
    await act(0)


def test_a_cancel_ends_the_wait_of_main_and_then_the_execution() -> None:
    result = outcome(replayed(waiting, history_of(waiting), stop("too late")))
    assert result.ended == ExecutionCancelled(reason="too late")
    assert result.commands == (CancelActivity(number=0),)
    assert result.events[-1] == result.ended
    kept_and_rebuilt(waiting, stop("too late"))


def test_the_error_carries_the_reason() -> None:
    async def telling() -> Any:
        try:
            await asyncio.gather(act(0), child())
        except asyncio.CancelledError as error:
            return list(error.args)

    assert kept_and_rebuilt(telling, stop("too late"))[-1] == ExecutionCompleted(
        result=data(["too late"])
    )


def test_code_that_is_cancelled_may_clean_up_durably() -> None:
    async def tidy() -> None:
        try:
            await act("book", name="book")
        finally:
            await act("undo", name="undo")
            await asyncio.sleep(5)
            await child("refund")

    history = kept_and_rebuilt(tidy, stop(), done(1, 0), TimerFired(number=2), answered(3))
    assert history[-1] == ExecutionCancelled(reason="stop")


def test_children_are_cancelled_with_the_wait_for_them() -> None:
    async def parent() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(one())
            group.create_task(one())

    async def one() -> None:
        await child()

    result = outcome(replayed(parent, history_of(parent), stop()))
    assert result.commands == (
        CancelChild(number=0, instance_id="e-1:0"),
        CancelChild(number=1, instance_id="e-1:1"),
    )
    assert result.ended == ExecutionCancelled(reason="stop")


def test_a_cancel_that_is_swallowed_does_not_end_it_as_cancelled() -> None:
    async def stubborn() -> str:
        try:
            await act(0)
        except asyncio.CancelledError:
            return "went on"
        return "done"

    assert kept_and_rebuilt(stubborn, stop())[-1] == ExecutionCompleted(result=data("went on"))


def test_another_error_that_leaves_main_after_a_cancel_fails_it() -> None:
    async def clumsy() -> None:
        try:
            await act(0)
        finally:
            raise ValueError("broken clean-up")

    assert isinstance(kept_and_rebuilt(clumsy, stop())[-1], ExecutionFailed)


def test_cancelled_error_without_a_request_fails_it() -> None:
    async def odd() -> None:
        await act(0)
        raise asyncio.CancelledError("of my own")

    end = kept_and_rebuilt(odd, done(0, 0))[-1]
    assert end == ExecutionFailed(
        failure=Failure(type_name="CancelledError", message="of my own"), cut=4, own=True
    )


def test_each_request_is_a_cancel_of_its_own_and_the_last_reason_is_told() -> None:
    async def slow() -> None:
        try:
            await act(0)
        finally:
            try:
                await act(1)
            finally:
                await act(2)

    history = kept_and_rebuilt(slow, stop("once"), stop("twice"), done(2, 0))
    assert history[-1] == ExecutionCancelled(reason="twice")
    assert [type(each).__name__ for each in history].count("ActivityCancelRequested") == 2


def test_a_cancel_that_comes_before_the_first_episode_is_delivered_in_it() -> None:
    result = outcome(run_episode(Code(waiting), [started()], (stop(),), T0))
    assert result.ended == ExecutionCancelled(reason="stop")


def test_a_cancel_recorded_before_the_first_episode_runs_no_code() -> None:
    ran: list[str] = []

    async def script() -> None:
        ran.append("script")

    history: list[HistoryEvent] = [started(), stop(), ExecutionCancelled(reason="stop")]
    result = outcome(replayed(script, history))
    assert (result.events, result.ended, ran) == ((), history[-1], [])


def test_after_main_has_ended_a_cancel_is_ignored() -> None:
    async def leftover() -> None:
        try:
            await event("never")
        finally:
            await act("clean", name="clean")

    async def script() -> str:
        asyncio.create_task(leftover())
        await act(0)
        return "done"

    reports: list[str] = []
    history = history_of(script, done(0, 0))
    execution = Execution(Code(script), report=lambda what, error: reports.append(what))
    outcome(execution.run(history, (), T0))
    assert outcome(execution.run((), (stop(),), T0)).events == ()
    late = outcome(execution.run((), (stop(), done(2, 0)), T0))
    assert late.ended == ExecutionCompleted(result=data("done"))
    assert stop() not in late.events
    assert len(reports) == 1 and "nothing waits for it" in reports[0]
    execution.close()


def test_a_recorded_cancel_may_find_main_ended_when_the_code_has_changed() -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    async def leftover() -> None:
        try:
            await forever()
        finally:
            await forever()

    def script(*, waits: bool) -> Any:
        async def main() -> None:
            asyncio.create_task(leftover())
            await act(0)
            if waits:
                try:
                    await forever()
                finally:
                    await act(1, name="clean")

        return main

    history = history_of(script(waits=True), done(0, 0), stop())
    message = mismatch(replayed(script(waits=False), history))
    assert "says activity 'clean' scheduled at flows.py:1, but the code now waits" in message


def test_a_cancel_for_a_start_that_failed_is_ignored() -> None:
    result = outcome(run_episode(Code(waiting), [started(b"bad")], (stop(),), T0))
    assert isinstance(result.ended, ExecutionFailed)


def test_a_cancel_reaches_main_and_not_its_shielded_work() -> None:
    async def shielding() -> Any:
        work = asyncio.ensure_future(waiting())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await work
            return "finished"

    result = outcome(replayed(shielding, history_of(shielding), stop()))
    assert (result.ended, result.commands) == (None, ())
    assert kept_and_rebuilt(shielding, stop(), done(0, 1))[-1] == ExecutionCompleted(
        result=data("finished")
    )


def test_a_timeout_and_a_cancel_keep_their_meanings() -> None:
    async def limited() -> str:
        try:
            async with asyncio.timeout(60):
                await event("go")
        except TimeoutError:
            return "timed out"
        return "went"

    assert kept_and_rebuilt(limited, stop())[-1] == ExecutionCancelled(reason="stop")
    assert kept_and_rebuilt(limited, TimerFired(number=0), stop())[-1] == ExecutionCompleted(
        result=data("timed out")
    )
    assert kept_and_rebuilt(limited, got("go", 1))[-1] == ExecutionCompleted(result=data("went"))


# ---- ends that engines write -----------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        ExecutionCancelled(reason="while it was blocked"),
        ExecutionFailed(failure=Failure(type_name="x:HistoryLimitError", message="")),
    ],
)
def test_an_end_that_an_engine_has_written_replays_to_nothing_new(end: Any) -> None:
    history = [*history_of(waiting), end]
    result = outcome(replayed(waiting, history, done(0, 0)))
    assert (result.events, result.commands) == ((), ())
    pending: list[HistoryEvent] = [started(), end]
    assert outcome(replayed(waiting, pending)).events == ()


def test_a_failure_that_came_of_the_code_is_no_end_of_an_engine() -> None:
    async def patient() -> None:
        try:
            await act(0)
        except Exception:
            await asyncio.get_running_loop().create_future()

    history = history_of(waiting, failed(0))
    assert "the orchestrator failed" in mismatch(replayed(patient, history))


@pytest.mark.parametrize(
    ("changed", "said"),
    [("returns", "the orchestrator now ends"), ("fails", "now fails, with ValueError: no")],
)
def test_ending_otherwise_than_history_is_a_mismatch(changed: str, said: str) -> None:
    async def now() -> None:
        try:
            await act(0)
        except asyncio.CancelledError:
            if changed == "fails":
                raise ValueError("no") from None

    message = mismatch(replayed(now, history_of(waiting, stop())))
    assert said in message and "the orchestrator was cancelled" in message


def test_being_cancelled_where_history_completed_is_a_mismatch() -> None:
    async def swallowed() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await act(0)

    message = mismatch(replayed(waiting, history_of(swallowed, stop())))
    assert "the orchestrator now is cancelled" in message


def test_ending_where_history_has_come_to_no_end_is_a_mismatch() -> None:
    async def waits() -> None:
        await asyncio.get_running_loop().create_future()

    async def ends() -> None: ...

    message = mismatch(replayed(ends, history_of(waits)))
    assert "the orchestrator now ends, and history goes on at event 2" in message


def test_a_timer_of_the_clean_up_is_recorded_like_any_other() -> None:
    async def slow() -> None:
        try:
            await event("never")
        finally:
            await asyncio.sleep(9)

    history = kept_and_rebuilt(slow, stop(), TimerFired(number=1))
    kinds = [type(each) for each in history[2:]]
    assert kinds.count(EpisodeStarted) == 2
    assert TimerStarted in kinds
    assert history[-1] == ExecutionCancelled(reason="stop")
    assert history[1] == episode()
