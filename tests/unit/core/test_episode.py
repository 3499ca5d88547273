"""History in, commands out: what one episode is."""

import asyncio
import gc
import json
import weakref
from typing import Any

import pytest
from tests.unit.core.scripts import (
    ARRIVAL,
    T0,
    Arrival,
    CardDeclined,
    Code,
    act,
    after,
    child,
    data,
    done,
    effect,
    episode,
    event,
    first,
    go_on,
    got,
    history_of,
    outcome,
    replayed,
    runtime,
    send,
    started,
)

from durable_async.core.episode import Execution, run_episode
from durable_async.errors import SerializationError
from durable_async.model.commands import (
    AwaitEvent,
    CancelActivity,
    CancelEventWait,
    CancelTimer,
    RecordSideEffect,
    ScheduleActivity,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventAwaited,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
    SideEffectRecorded,
    TimerFired,
    TimerStarted,
)
from durable_async.model.outcome import UNCHANGED, Blocked, Outcome
from durable_async.model.payload import Payload


async def two_steps() -> Any:
    return await act(await act(1))


def test_an_activity_is_scheduled_where_it_is_awaited() -> None:
    assert first(two_steps) == Outcome(
        events=(
            episode(),
            ActivityScheduled(
                number=0, name="act", input=data(1), fingerprint=1, line="flows.py:1"
            ),
        ),
        commands=(
            ScheduleActivity(number=0, name="act", input=data(1), fingerprint=1, line="flows.py:1"),
        ),
    )


def test_a_result_wakes_the_code_and_the_next_command_has_the_next_number() -> None:
    history = history_of(two_steps)
    result = outcome(replayed(two_steps, history, done(0, 5)))
    assert result.events[:2] == (episode(), done(0, 5))
    (command,) = result.commands
    assert isinstance(command, ScheduleActivity)
    assert (command.number, command.input) == (1, data(5))


def test_the_end_is_the_last_event() -> None:
    result = outcome(replayed(two_steps, history_of(two_steps, done(0, 5)), done(1, 7)))
    assert result.ended == ExecutionCompleted(result=data(7))
    assert result.events == (episode(), done(1, 7), ExecutionCompleted(result=data(7)))


def test_without_an_await_it_completes_in_its_first_episode() -> None:
    async def at_once() -> int:
        return 0

    assert first(at_once).ended == ExecutionCompleted(result=data(0))


def test_an_input_that_does_not_fit_fails_the_execution() -> None:
    result = outcome(run_episode(Code(two_steps), [started(b"bad")], (), T0))
    assert result.ended == ExecutionFailed(
        failure=Failure(type_name="SerializationError", message="the input does not fit"),
        cut=1,
        own=True,
    )


def test_an_ended_history_replays_to_nothing_new() -> None:
    history = history_of(two_steps, done(0, 5), done(1, 7))
    result = outcome(replayed(two_steps, history))
    assert result.events == ()
    assert result.ended == ExecutionCompleted(result=data(7))


def test_a_terminated_history_replays_up_to_its_end() -> None:
    history = [*history_of(two_steps), ExecutionTerminated(reason="enough", at=T0)]
    assert outcome(replayed(two_steps, history)).commands == ()


def test_nothing_new_adds_no_event() -> None:
    assert outcome(replayed(two_steps, history_of(two_steps))).events == ()


@pytest.mark.parametrize(
    "stray",
    [
        done(7, 1),
        ActivityFailed(number=7, failure=Failure(type_name="X", message="")),
        ActivityCancelled(number=7),
        TimerFired(number=7),
    ],
)
def test_news_that_nothing_waits_for_is_ignored_and_reported(stray: Any) -> None:
    reports: list[str] = []
    execution = Execution(Code(two_steps), report=lambda message, error: reports.append(message))
    execution.run([started()], (), T0)
    assert outcome(execution.run((), (stray,), T0)).events == ()
    assert outcome(execution.run((), (stray, done(0, 1)), T0)).events[1] == done(0, 1)
    assert len(reports) == 1 and "nothing waits for it" in reports[0]
    execution.close()


def test_news_after_the_end_is_left_out() -> None:
    history = history_of(two_steps, done(0, 5))
    result = outcome(replayed(two_steps, history, done(1, 7), got("late", 1)))
    assert result.events[-1] == ExecutionCompleted(result=data(7))
    assert got("late", 1) not in result.events


def test_history_is_given_to_the_first_run_only() -> None:
    execution = Execution(Code(two_steps))
    execution.run([started()], (), T0)
    with pytest.raises(ValueError, match="first run only"):
        execution.run([started()], (), T0)
    execution.close()


@pytest.mark.parametrize("history", [[], [episode()]])
def test_a_history_begins_with_its_start(history: list[Any]) -> None:
    with pytest.raises(ValueError, match="begins with ExecutionStarted"):
        Execution(Code(two_steps)).run(history, (), T0)


def test_an_execution_that_has_not_run_has_no_info() -> None:
    execution = Execution(Code(two_steps))
    assert execution.length == 0 and execution.ended is None
    with pytest.raises(RuntimeError, match="has not run yet"):
        _ = execution.info
    execution.close()


def test_length_counts_what_is_recorded() -> None:
    execution = Execution(Code(two_steps))
    recorded = 1
    for news in ((), (done(0, 1),), (done(1, 2),)):
        history = [started()] if not news else []
        recorded += len(outcome(execution.run(history, news, T0)).events)
        assert execution.length == execution.info.history_length == recorded
    assert execution.ended is not None
    execution.close()


def test_info_is_the_same_at_replay() -> None:
    async def look() -> list[int]:
        lengths = [runtime().info().history_length]
        await act(1)
        lengths.append(runtime().info().history_length)
        timer = asyncio.get_running_loop().call_later(5, print)
        timer.cancel()
        lengths.append(runtime().info().history_length)
        await act(2)
        return lengths

    kept = history_of(look, done(0, 0), done(2, 0))
    rebuilt = outcome(replayed(look, history_of(look, done(0, 0)), done(2, 0)))
    assert kept[-1] == rebuilt.events[-1] == ExecutionCompleted(result=data([2, 5, 7]))


# ---- time ------------------------------------------------------------------------------------


def test_a_sleep_is_a_timer_and_a_cancelled_one_is_closed() -> None:
    async def racing() -> Any:
        return await asyncio.wait_for(act(1), 60)

    result = first(racing)
    assert [type(command) for command in result.commands] == [StartTimer, ScheduleActivity] or [
        type(command) for command in result.commands
    ] == [ScheduleActivity, StartTimer]
    history = history_of(racing)
    result = outcome(replayed(racing, history, done(_number(history, ActivityScheduled), 3)))
    assert result.commands == (CancelTimer(number=_number(history, TimerStarted)),)
    assert result.ended == ExecutionCompleted(result=data(3))


def test_a_fired_timer_ends_the_sleep() -> None:
    async def nap() -> float:
        await asyncio.sleep(90)
        return asyncio.get_running_loop().time()

    (timer,) = first(nap).commands
    assert isinstance(timer, StartTimer)
    assert timer.due == after(90)
    result = outcome(run_episode(Code(nap), history_of(nap), (TimerFired(number=0),), after(91.5)))
    assert result.ended == ExecutionCompleted(result=data(after(91.5).timestamp()))


@pytest.mark.parametrize("delay", [0, -1])
def test_a_sleep_of_nothing_records_nothing(delay: float) -> None:
    async def yielding() -> None:
        await asyncio.sleep(delay)
        asyncio.get_running_loop().call_later(delay, lambda: None)
        await asyncio.sleep(0)

    assert first(yielding).events == (episode(), ExecutionCompleted(result=data(None)))


@pytest.mark.parametrize("delay", [float("nan"), float("inf")])
def test_a_timer_that_is_never_due_is_refused_at_the_call(delay: float) -> None:
    async def endless() -> None:
        asyncio.get_running_loop().call_later(delay, print)

    ended = first(endless).ended
    assert isinstance(ended, ExecutionFailed)
    assert ended.failure.type_name == "ValueError" and "da.wait_for_event" in ended.failure.message


def test_a_timer_beyond_the_calendar_is_due_at_its_end() -> None:
    async def patient() -> None:
        await asyncio.sleep(1e15)

    (timer,) = first(patient).commands
    assert isinstance(timer, StartTimer)
    assert timer.due.year == 9999


def test_time_never_goes_back() -> None:
    async def look() -> list[float]:
        before = asyncio.get_running_loop().time()
        await act(1)
        return [before, asyncio.get_running_loop().time()]

    execution = Execution(Code(look))
    execution.run([started()], (), after(100))
    result = outcome(execution.run((), (done(0, 1),), after(40)))
    assert result.events[0] == EpisodeStarted(at=after(100))
    moment = after(100).timestamp()
    assert result.ended == ExecutionCompleted(result=data([moment, moment]))
    execution.close()


def _number(history: list[Any], kind: type) -> int:
    return next(event.number for event in history if type(event) is kind)


# ---- events ----------------------------------------------------------------------------------


def test_an_event_that_came_early_is_taken_at_once() -> None:
    async def later() -> list[Any]:
        await act(0)
        return [await event("go"), await event("go")]

    history = history_of(later, got("go", 1), got("go", 2))
    result = outcome(replayed(later, history, done(0, 0)))
    assert result.ended == ExecutionCompleted(result=data([1, 2]))
    assert result.commands == (
        AwaitEvent(number=1, name="go", line="flows.py:2"),
        AwaitEvent(number=2, name="go", line="flows.py:2"),
    )


def test_waiters_are_served_in_their_order_and_names_match_exactly() -> None:
    async def three() -> list[Any]:
        return list(await asyncio.gather(event("a"), event("a"), event("A")))

    history = history_of(three, got("A", "other"), got("a", 1))
    result = outcome(replayed(three, history, got("a", 2)))
    assert result.ended == ExecutionCompleted(result=data([1, 2, "other"]))


def test_a_cancelled_waiter_swallows_no_event() -> None:
    async def impatient() -> Any:
        waiter = asyncio.create_task(event("go"))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.sleep(0)
        return await event("go")

    history = history_of(impatient)
    assert EventWaitCancelled(number=0) in history
    result = outcome(replayed(impatient, history, got("go", 1)))
    assert result.ended == ExecutionCompleted(result=data(1))


def test_an_event_handed_to_a_waiter_that_is_cancelled_goes_back_to_the_head() -> None:
    async def unlucky() -> list[Any]:
        waiter = asyncio.create_task(event("go"))
        await act(0)
        runtime().inbox.receive(got("go", 1))
        waiter.cancel()  # in the same step: it has not resumed yet
        await asyncio.wait([waiter])
        return [await event("go"), await event("go")]

    history = history_of(unlucky, done(0, 0))
    assert CancelEventWait(number=1).recorded() in history
    result = outcome(replayed(unlucky, history, got("go", 2)))
    assert result.ended == ExecutionCompleted(result=data([1, 2]))


def test_an_event_handed_back_goes_to_who_waits_next() -> None:
    async def relay() -> Any:
        early = asyncio.create_task(event("go"))
        late = asyncio.create_task(event("go"))
        await act(0)
        runtime().inbox.receive(got("go", "handed"))
        early.cancel()
        return await late

    result = outcome(replayed(relay, history_of(relay), done(0, 0)))
    assert result.ended == ExecutionCompleted(result=data("handed"))


def test_an_event_that_comes_after_the_cancel_passes_the_cancelled_waiter_by() -> None:
    async def gone() -> Any:
        waiter = asyncio.create_task(event("go"))
        await act(0)
        waiter.cancel()
        runtime().inbox.receive(got("go", 1))  # in the same step
        await asyncio.wait([waiter])
        await act(1)
        return await event("go")

    history = history_of(gone, done(0, 0))
    result = outcome(replayed(gone, history, done(2, 0)))
    assert result.ended == ExecutionCompleted(result=data(1))


# ---- side effects and status -----------------------------------------------------------------


def test_a_side_effect_runs_once_and_replay_gives_what_it_gave() -> None:
    runs: list[int] = []

    async def rolling() -> Any:
        rolled = effect(lambda: runs.append(1) or len(runs))
        await act(0)
        return rolled.data.decode()

    result = first(rolling)
    assert result.commands[0] == RecordSideEffect(
        number=0, name="effect", result=data(1), line="flows.py:3"
    )
    history = [started(), *result.events]
    replay = outcome(replayed(rolling, history, done(1, 0)))
    assert replay.ended == ExecutionCompleted(result=data("1"))
    assert runs == [1]


def begin() -> Any:
    coroutine = asyncio.sleep(1)
    try:
        return asyncio.ensure_future(coroutine)
    finally:
        coroutine.close()


@pytest.mark.parametrize("inside", [go_on, lambda: act(1), send, lambda: child(), begin])
def test_a_side_effect_asks_for_nothing_durable(inside: Any) -> None:
    async def script() -> Any:
        kept = effect(inside)
        assert isinstance(kept, Failure)
        return [kept.type_name, kept.message]

    result = first(script)
    assert [type(each) for each in result.commands] == [RecordSideEffect]
    assert isinstance(result.ended, ExecutionCompleted)
    type_name, message = json.loads(result.ended.result.data)
    assert type_name == "NotDurableError"
    assert "inside a side effect cannot be durable at " in message
    assert ("test_episode.py:" if inside is begin else "scripts.py:") in message
    history = [started(), *result.events]
    assert outcome(replayed(script, history)).ended == result.ended


def test_a_failed_side_effect_is_recorded_as_a_failure() -> None:
    async def failing() -> Any:
        failure = effect(lambda: 1 / 0)
        await act(0)
        return failure.type_name

    history = history_of(failing)
    recorded = history[2]
    assert isinstance(recorded, SideEffectRecorded) and recorded.failure is not None
    replay = outcome(replayed(failing, history, done(1, 0)))
    assert replay.ended == ExecutionCompleted(result=data("ZeroDivisionError"))


def test_a_custom_status_shows_when_the_episode_commits_and_replay_sets_none() -> None:
    async def telling() -> None:
        runtime().set_custom_status(data("begun"))
        runtime().set_custom_status(data("waiting"))
        await act(0)

    assert first(telling).custom_status == data("waiting")
    assert outcome(replayed(telling, history_of(telling))).custom_status is UNCHANGED


def test_is_replaying_tells_what_was_done_before() -> None:
    seen: list[bool] = []

    async def looking() -> None:
        seen.append(runtime().is_replaying())
        await act(0)
        seen.append(runtime().is_replaying())

    history = history_of(looking)
    assert seen == [False]
    replayed(looking, history, done(0, 0))
    assert seen == [False, True, False]


def test_counts_and_kept_objects_belong_to_the_execution() -> None:
    async def counting() -> list[int]:
        made: list[int] = runtime().keep("list", list)
        made.append(runtime().count("a"))
        made.append(runtime().count("b"))
        runtime().keep("list", lambda: ["another"]).append(runtime().count("a"))
        return made

    assert first(counting).ended == ExecutionCompleted(result=data([0, 0, 1]))


def test_definitions_are_learnt_as_they_are_awaited() -> None:
    learnt: list[object] = []

    async def calling() -> None:
        runtime().schedule_activity(
            name="act",
            input=data(0),
            fingerprint=0,
            options=None,
            wait_for_cancel=False,
            line=lambda: "flows.py:9",
            arrival=ARRIVAL,
            definition="the definition",
        )
        await event("never")

    execution = Execution(Code(calling), learn=learnt.append)
    command = outcome(execution.run([started()], (), T0)).commands[0]
    assert isinstance(command, ScheduleActivity) and command.line == "flows.py:9"
    assert learnt == ["the definition"]
    execution.close()


# ---- failures and cancellation ---------------------------------------------------------------


def test_a_failed_activity_raises_where_it_is_awaited() -> None:
    async def careful() -> str:
        try:
            await act(1)
        except CardDeclined as declined:
            return f"declined: {declined}"
        return "charged"

    failed = ActivityFailed(number=0, failure=Failure(type_name="x:CardDeclined", message="no"))
    result = outcome(replayed(careful, history_of(careful), failed))
    assert result.events[1] == failed
    assert result.ended == ExecutionCompleted(result=data("declined: no"))


class TestAFailureOfAClassThatIsNotAtHand:
    failed = ActivityFailed(number=0, failure=Failure(type_name="x:Gone", message="no"))

    @staticmethod
    async def collecting() -> str:
        try:
            await act(1)
        except Exception as error:
            name = type(error).__name__
        await act(2)
        return name

    @pytest.fixture
    def _unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Arrival, "known", False)

    @pytest.mark.usefixtures("_unknown")
    def test_is_recorded_as_delivered_remote(self) -> None:
        result = outcome(replayed(self.collecting, history_of(self.collecting), self.failed))
        recorded = result.events[1]
        assert isinstance(recorded, ActivityFailed) and recorded.as_remote

    def test_stays_remote_where_the_class_is_at_hand_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Arrival, "known", False)
        history = history_of(self.collecting, self.failed)
        monkeypatch.setattr(Arrival, "known", True)
        result = outcome(replayed(self.collecting, history, done(1, 0)))
        assert result.ended == ExecutionCompleted(result=data("RemoteError"))

    def test_blocks_the_replay_of_one_that_was_delivered_as_itself(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        history = history_of(self.collecting, self.failed)
        monkeypatch.setattr(Arrival, "known", False)
        result = replayed(self.collecting, history, done(1, 0))
        assert isinstance(result, Blocked)
        assert result.reason == "missing_class" and "x:Gone" in result.message


def test_a_cancelled_await_goes_on_at_once_and_cancels_the_activity() -> None:
    async def abandoning() -> str:
        task = asyncio.ensure_future(act(1))
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return "left"
        return "stayed"

    result = first(abandoning)
    assert result.commands[-1] == CancelActivity(number=0)
    assert result.ended == ExecutionCompleted(result=data("left"))


@pytest.mark.parametrize(
    "end",
    [
        ActivityCancelled(number=0),
        done(0, 1),
        ActivityFailed(number=0, failure=Failure(type_name="X", message="")),
    ],
)
def test_with_cancel_wait_it_goes_on_when_the_activity_has_ended(end: Any) -> None:
    async def waiting() -> str:
        future = act(1, wait=True)
        assert future.cancel()
        assert future.cancel()  # again: one request
        try:
            await future
        except asyncio.CancelledError:
            assert not future.cancel()
            return "ended"
        return "not cancelled"

    result = first(waiting)
    assert result.commands[-1] == CancelActivity(number=0, wait=True)
    assert [type(each) for each in result.events].count(ActivityCancelRequested) == 1
    assert result.ended is None
    finished = outcome(replayed(waiting, [started(), *result.events], end))
    assert finished.ended == ExecutionCompleted(result=data("ended"))


def test_a_result_that_cannot_be_read_raises_where_it_is_awaited() -> None:
    async def reading() -> str:
        try:
            await act(1)
        except SerializationError as error:
            return type(error).__name__
        return "read"

    torn = ActivityCompleted(number=0, result=Payload(b"{"))
    result = outcome(replayed(reading, history_of(reading), torn))
    assert result.ended == ExecutionCompleted(result=data("SerializationError"))


def test_a_result_without_a_stored_form_fails_the_execution() -> None:
    async def going() -> Any:
        return object()

    ended = first(going).ended
    assert isinstance(ended, ExecutionFailed)
    assert ended.failure.type_name == "SerializationError"


def test_a_mistake_in_our_own_code_is_no_outcome() -> None:
    async def ending() -> Any:
        return NotImplemented

    with pytest.raises(AssertionError, match="a mistake in the converter"):
        first(ending)
    broken = ActivityCompleted(number=0, result=Payload(b"broken"))
    with pytest.raises(AssertionError, match="a mistake in the converter"):
        replayed(two_steps, history_of(two_steps), broken)


@pytest.mark.parametrize("leaving", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_whatever_leaves_the_main_coroutine_fails_it(leaving: type[BaseException]) -> None:
    async def going() -> None:
        raise leaving("out")

    assert first(going).ended == ExecutionFailed(
        failure=Failure(type_name=leaving.__name__, message="out"), cut=1, own=True
    )


# ---- the end ---------------------------------------------------------------------------------


def test_the_outcome_is_fixed_when_main_ends_and_clean_up_may_wait() -> None:
    async def parent() -> list[str]:
        log: list[str] = []

        async def child() -> None:
            try:
                await event("never")
            finally:
                log.append("cleaning")
                await act("clean")
                log.append("clean")

        asyncio.create_task(child())
        await asyncio.sleep(0)
        return log

    result = first(parent)
    assert result.ended is None
    assert any(isinstance(each, ScheduleActivity) for each in result.commands)
    finished = outcome(replayed(parent, [started(), *result.events], done(1, 0)))
    assert finished.ended == ExecutionCompleted(result=data([]))


def test_abandoned_generators_are_closed_at_the_end_in_order_of_creation() -> None:
    log: list[str] = []

    async def stream(name: str) -> Any:
        try:
            yield name
        finally:
            await act(name)
            log.append(name)

    async def main() -> None:
        for name in ("a", "b"):
            async for _ in stream(name):
                break
        gc.collect()

    result = first(main)
    assert result.ended is None
    history = [started(), *result.events]
    half = outcome(replayed(main, history, done(0, 0)))
    log.clear()
    assert half.ended is None
    whole = outcome(replayed(main, [*history, *half.events], done(1, 0)))
    assert whole.ended == ExecutionCompleted(result=data(None))
    assert log == ["a", "b"]


def test_a_generator_that_fails_to_close_is_reported() -> None:
    reports: list[str] = []

    async def stream() -> Any:
        try:
            yield 1
        finally:
            raise ValueError("no")

    async def main() -> None:
        async for _ in stream():
            break

    execution = Execution(Code(main), report=lambda message, error: reports.append(message))
    assert outcome(execution.run([started()], (), T0)).ended is not None
    execution.close()
    assert len(reports) == 1 and "closing" in reports[0]


def test_idle_means_that_nothing_can_come() -> None:
    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    assert first(stuck).idle
    assert not first(two_steps).idle


def test_waiting_lines_name_every_task() -> None:
    async def two() -> None:
        await asyncio.gather(asyncio.create_task(event("a"), name="left"), act(1))

    execution = Execution(Code(two))
    execution.run([started()], (), T0)
    lines = dict(execution.waiting_lines())
    assert set(lines) == {"Task-1", "left"}
    assert all(__file__ in line or "scripts.py" in line for line in lines.values())
    execution.close()


# ---- closing ---------------------------------------------------------------------------------


def test_eviction_unwinds_with_generator_exit_and_issues_nothing() -> None:
    seen: list[str] = []

    async def holding() -> None:
        try:
            await act(1)
        except BaseException as error:
            seen.append(type(error).__name__)
            raise
        finally:
            assert runtime().is_closed()
            runtime().set_custom_status(data("closing"))
            try:
                await act(2)
            finally:
                try:
                    effect(lambda: seen.append("effect"))
                finally:
                    seen.append("unwound")

    execution = Execution(Code(holding))
    execution.run([started()], (), T0)
    execution.close()
    execution.close()
    assert seen == ["GeneratorExit", "unwound"]


def test_eviction_closes_code_that_awaits_while_it_unwinds() -> None:
    seen: list[str] = []

    async def stubborn() -> None:
        try:
            await event("never")
        finally:
            for number in range(3):
                try:
                    await asyncio.get_running_loop().create_future()
                except GeneratorExit:
                    seen.append(str(number))

    async def failing() -> None:
        try:
            await event("never")
        finally:
            raise ValueError("while closing")

    async def main() -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(stubborn(), failing())

    execution = Execution(Code(main))
    execution.run([started()], (), T0)
    execution.close()
    assert seen == ["0", "1", "2"]


def test_eviction_gives_up_on_code_that_never_ends() -> None:
    rounds: list[int] = []

    async def endless() -> None:
        while len(rounds) < 1_000:
            try:
                await asyncio.get_running_loop().create_future()
            except GeneratorExit:
                rounds.append(1)

    execution = Execution(Code(endless))
    execution.run([started()], (), T0)
    execution.close()
    assert len(rounds) == 100
    rounds.extend([1] * 1_000)  # let the rest of it end


def test_eviction_closes_suspended_generators() -> None:
    seen: list[str] = []

    async def stream(name: str, wait: bool) -> Any:
        try:
            yield name
        finally:
            seen.append(name)
            if wait:
                await asyncio.get_running_loop().create_future()

    async def main() -> None:
        keep = [stream("a", wait=False), stream("b", wait=True)]
        for each in keep:
            await anext(each)
        await event("never")

    execution = Execution(Code(main))
    execution.run([started()], (), T0)
    execution.close()
    assert sorted(seen) == ["a", "b"]


def test_failures_nobody_collects_are_reported_once_and_not_at_replay() -> None:
    async def careless() -> None:
        async def child() -> None:
            raise ValueError("lost")

        kept = asyncio.create_task(child())
        await act(1)
        del kept

    def run(history: list[Any], *news: Any) -> tuple[list[Any], list[Any]]:
        reports: list[Any] = []
        execution = Execution(Code(careless), report=lambda what, error: reports.append(error))
        result = outcome(execution.run(history, news, T0))
        execution.close()
        del execution
        gc.collect()
        return reports, [*history, *result.events]

    reports, history = run([started()])
    assert reports == []
    reports, _ = run(history, done(0, 1))
    assert [str(each) for each in reports] in ([], ["lost"])


def test_a_failure_still_held_at_the_end_is_reported_there() -> None:
    async def careless() -> None:
        async def child() -> None:
            raise ValueError("lost")

        runtime().keep("task", lambda: asyncio.create_task(child()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    reports: list[Any] = []
    execution = Execution(Code(careless), report=lambda what, error: reports.append((what, error)))
    execution.run([started()], (), T0)
    execution.close()
    assert len(reports) == 1
    assert "nobody awaited it" in reports[0][0] and str(reports[0][1]) == "lost"


def test_a_failure_is_reported_at_the_end_though_it_happened_before_an_eviction() -> None:
    async def careless() -> None:
        async def child() -> None:
            raise ValueError("lost")

        runtime().keep("task", lambda: asyncio.create_task(child()))
        await act(1)

    reports: list[Any] = []
    history = history_of(careless)
    execution = Execution(Code(careless), report=lambda what, error: reports.append(str(error)))
    execution.run(history, (), T0)
    execution.close()
    assert reports == []
    execution = Execution(Code(careless), report=lambda what, error: reports.append(str(error)))
    execution.run(history, (done(0, 1),), T0)
    execution.close()
    assert reports == ["lost"]


def test_the_first_event_awaited_is_recorded_with_its_line() -> None:
    async def waiting() -> None:
        await event("go", line="shop.py:7")

    assert EventAwaited(number=0, name="go", line="shop.py:7") in history_of(waiting)


def test_an_execution_that_has_ended_leaves_nothing_to_the_garbage_collector() -> None:
    async def script() -> Any:
        return await asyncio.create_task(twice(await act(1)))

    async def twice(x: Any) -> Any:
        return await act(2 * x)

    gc.disable()
    try:
        execution = Execution(Code(script))
        execution.run([started()], (), T0)
        assert outcome(execution.run((), (done(0, 1), done(1, 2)), T0)).ended is not None
        assert execution._machine is not None
        loop = weakref.ref(execution._machine.loop)
        execution.close()
        del execution
        assert loop() is None
    finally:
        gc.enable()
