"""Code against history: what is a mismatch, and how it is told."""

import asyncio
from typing import Any, get_args

import attrs
import pytest
from tests.unit.core.scripts import (
    T0,
    Code,
    act,
    done,
    effect,
    event,
    got,
    history_of,
    mismatch,
    outcome,
    replayed,
    started,
)

from durable_async.core.description import describe
from durable_async.core.episode import run_episode
from durable_async.core.match import Matcher
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    FORMAT,
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventSent,
    EventWaitCancelled,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    PatchMarked,
    RequestAnswered,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.outcome import Outcome
from durable_async.model.payload import Payload


async def charge_then_ship() -> None:
    await act(1, name="charge", line="old.py:10")
    await act(2, name="ship", line="old.py:11")


async def nothing() -> None: ...


async def only_charge() -> None:
    await act(1, name="charge")


async def ship_then_charge() -> None:
    await act(2, name="ship", line="new.py:20")
    await act(1, name="charge")


async def sleep_instead() -> None:
    await asyncio.sleep(5)


async def wait_instead() -> None:
    await event("approved", line="new.py:5")


async def effect_instead() -> None:
    effect(lambda: 1)
    await act(1, name="charge")


async def two_at_once() -> None:
    await asyncio.gather(act(1, name="charge"), act(2, name="ship", line="new.py:9"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (ship_then_charge, ["activity 'charge' scheduled at old.py:10", "'ship' at new.py:20"]),
        (
            sleep_instead,
            [
                "activity 'charge' scheduled",
                "asks for a timer until 2026-03-01 12:00:05 UTC at ",
                __file__,
            ],
        ),
        (wait_instead, ["'charge'", "a wait for event 'approved' at new.py:5"]),
        (effect_instead, ["'charge'", "side effect 'effect' at flows.py:3"]),
        (two_at_once, ["asks for activity 'ship' at new.py:9", "no further command"]),
        (nothing, ["activity 'charge' scheduled", "the orchestrator now ends before it"]),
    ],
)
def test_a_mismatch_names_both_sides_with_their_lines_and_says_what_to_do(
    changed: Any, said: list[str]
) -> None:
    message = mismatch(replayed(changed, history_of(charge_then_ship), done(0, 0)))
    assert message.startswith("instance 'order-1' (script): its code no longer fits")
    assert "roll it back" in message and "da.now()" in message
    for part in said:
        assert part in message


def test_failing_before_a_recorded_command_tells_of_the_failure() -> None:
    async def fails() -> None:
        raise ValueError("no such order")

    async def fails_silently() -> None:
        raise ValueError

    history = history_of(charge_then_ship)
    message = mismatch(replayed(fails, history))
    assert "fails before it, with ValueError: no such order (raised at " in message
    assert f"{__file__}:{fails.__code__.co_firstlineno + 1})" in message
    assert "fails before it, with ValueError (raised at" in mismatch(
        replayed(fails_silently, history)
    )


def test_a_history_of_a_newer_format_is_left_to_who_knows_it() -> None:
    first, *rest = history_of(charge_then_ship)
    assert isinstance(first, ExecutionStarted)
    newer = [attrs.evolve(first, format=FORMAT + 1), *rest]
    message = mismatch(replayed(charge_then_ship, newer))
    assert f"format {FORMAT + 1}" in message and "Upgrade durable-async" in message


def test_ending_before_a_recorded_command_is_a_mismatch() -> None:
    history = history_of(charge_then_ship, done(0, 0))
    assert "'ship' scheduled" in mismatch(replayed(only_charge, history, done(1, 0)))


def test_waiting_where_history_has_a_command_is_a_mismatch() -> None:
    async def forever() -> None:
        await act(1, name="charge")
        await asyncio.get_running_loop().create_future()

    history = history_of(charge_then_ship, done(0, 0))
    message = mismatch(replayed(forever, history))
    line = f"{__file__}:{forever.__code__.co_firstlineno + 2}"
    assert f"waits without asking for it: Task-1 at {line}" in message


def test_going_on_where_history_ended_is_a_mismatch() -> None:
    history = history_of(only_charge, done(0, 0))
    assert "no further command" in mismatch(replayed(charge_then_ship, history))


def test_waiting_where_history_ended_is_a_mismatch() -> None:
    async def ends() -> None:
        await act(1, name="charge")

    async def goes_on_waiting() -> None:
        await act(1, name="charge")
        await asyncio.get_running_loop().create_future()

    message = mismatch(replayed(goes_on_waiting, history_of(ends, done(0, 0))))
    assert "the orchestrator completed" in message


def test_a_surplus_side_effect_is_a_mismatch_whatever_the_code_catches() -> None:
    async def stubborn() -> Any:
        try:
            effect(lambda: 1)
        except BaseException:
            return "caught"
        return "ran"

    async def quiet() -> Any:
        return "ran"

    assert "side effect" in mismatch(replayed(stubborn, history_of(quiet)))


def test_after_the_first_mismatch_the_rest_is_not_judged() -> None:
    async def wild() -> None:
        act(1, name="charge")
        asyncio.get_running_loop().call_later(5, print)
        act(1, name="refund")
        await event("x")

    message = mismatch(replayed(wild, history_of(charge_then_ship)))
    assert "asks for a timer" in message and "refund" not in message


def test_cancels_are_matched_by_target_whatever_their_order() -> None:
    def cancelling(order: list[int]) -> Any:
        async def script() -> None:
            loop = asyncio.get_running_loop()
            timers = [loop.call_later(60 + number, print) for number in range(3)]
            await act(0)
            for number in order:
                timers[number].cancel()
            act(1, name="between")
            await event("never")

        return script

    history = history_of(cancelling([0, 1, 2]), done(3, 0))
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert isinstance(replayed(cancelling(order), history), Outcome)
    assert "timer 2 cancelled" in mismatch(replayed(cancelling([0, 1]), history))


def test_a_cancel_before_or_after_its_neighbours_is_the_same_step() -> None:
    async def cancel_first() -> None:
        timer = asyncio.get_running_loop().call_later(60, print)
        await act(0)
        timer.cancel()
        act(1, name="between")
        await event("never")

    async def cancel_last() -> None:
        timer = asyncio.get_running_loop().call_later(60, print)
        await act(0)
        act(1, name="between")
        timer.cancel()
        await event("never")

    async def cancels_between() -> None:
        timer = asyncio.get_running_loop().call_later(60, print)
        await act(0)
        act(1, name="between")
        timer.cancel()
        act(2, name="more")

    assert isinstance(replayed(cancel_first, history_of(cancel_last, done(1, 0))), Outcome)
    assert isinstance(replayed(cancel_last, history_of(cancel_first, done(1, 0))), Outcome)
    history = history_of(cancels_between, done(1, 0))
    assert isinstance(replayed(cancels_between, history), Outcome)
    assert "'more' scheduled" in mismatch(replayed(cancel_last, history))


@pytest.mark.parametrize("ends_with_cancel", [True, False])
def test_a_cancel_that_history_lacks_is_a_mismatch(ends_with_cancel: bool) -> None:
    async def keeps() -> None:
        asyncio.get_running_loop().call_later(60, print)
        await act(0)
        if not ends_with_cancel:
            await act(1)
        await event("never")

    async def cancels() -> None:
        timer = asyncio.get_running_loop().call_later(60, print)
        await act(0)
        timer.cancel()
        if not ends_with_cancel:
            await act(1)
        await event("never")

    history = history_of(keeps, done(1, 0), got("other", 1))
    assert "timer 0 cancelled" in mismatch(replayed(cancels, history))


def test_changed_arguments_are_reported_and_in_strict_replay_a_mismatch() -> None:
    async def other_arguments() -> None:
        await act(99, name="charge", line="new.py:1")
        await act(2, name="ship")

    from durable_async.core.episode import Execution

    history = history_of(charge_then_ship)
    reports: list[str] = []
    execution = Execution(Code(other_arguments), report=lambda what, error: reports.append(what))
    outcome(execution.run(history, (done(0, 0),), T0))
    execution.close()
    assert len(reports) == 1
    assert "arguments changed" in reports[0] and "new.py:1" in reports[0]
    strict = run_episode(Code(other_arguments), history, (), T0, strict=True)
    assert "with other arguments" in mismatch(strict)


def test_a_changed_timer_keeps_its_recorded_time_and_is_reported() -> None:
    async def short() -> None:
        await asyncio.sleep(5)

    async def long() -> None:
        await asyncio.sleep(50)

    assert isinstance(replayed(long, history_of(short)), Outcome)
    strict = run_episode(Code(long), history_of(short), (), T0, strict=True)
    assert "a timer until 2026-03-01 12:00:05 UTC started" in mismatch(strict)


def test_an_empty_history_expects_nothing() -> None:
    matcher = Matcher([])
    assert matcher.expected() is None
    assert matcher.take_delivered() is None
    assert matcher.next_end() is None
    assert matcher.unmatched() is None
    assert not matcher.accept_cancel(TimerCancelled(number=0))
    assert matcher.position == 0


def test_an_owed_cancel_comes_before_an_end() -> None:
    matcher = Matcher([TimerCancelled(number=0), ExecutionCompleted(result=Payload(b"1"))])
    assert matcher.expected() is None
    assert matcher.next_end() is None
    assert matcher.unmatched() == (0, TimerCancelled(number=0))
    assert matcher.accept_cancel(TimerCancelled(number=0))
    assert matcher.next_end() == ExecutionCompleted(result=Payload(b"1"))


def test_owed_cancels_are_matched_in_any_order() -> None:
    cancels = [TimerCancelled(number=number) for number in range(3)]
    matcher = Matcher([*cancels, ExecutionCompleted(result=Payload(b"1"))])
    assert matcher.expected() is None
    assert matcher.recorded == 0
    for number in (2, 0, 1):
        assert matcher.accept_cancel(TimerCancelled(number=number))
    assert not matcher.accept_cancel(TimerCancelled(number=0))
    assert matcher.recorded == 3
    assert matcher.unmatched() == (3, ExecutionCompleted(result=Payload(b"1")))


def test_cancels_at_the_end_of_history_are_passed_over() -> None:
    matcher = Matcher([TimerCancelled(number=0)])
    assert matcher.expected() is None
    assert matcher.unmatched() == (0, TimerCancelled(number=0))


FAILURE = Failure(type_name="x:Y", message="")
SHIP = CreateInstance(instance_id="s-1", execution_id="e-2", name="ship", input=Payload(b"1"))
CART = EntityId("Cart", "c-1")


_DESCRIBED = [
    pytest.param(*each, id=type(each[0]).__name__)
    for each in (
        (
            ActivityScheduled(number=1, name="charge", input=Payload(b""), line="a.py:1"),
            "activity 'charge' scheduled at a.py:1",
        ),
        (TimerStarted(number=1, due=T0), "a timer until 2026-03-01 12:00:00 UTC started"),
        (SideEffectRecorded(number=1, name="roll"), "side effect 'roll' recorded"),
        (TimerCancelled(number=4), "timer 4 cancelled"),
        (ActivityCancelRequested(number=4), "activity 4 cancelled"),
        (EventWaitCancelled(number=4), "the wait 4 for an event cancelled"),
        (EventReceived(name="go", data=Payload(b"1")), "event 'go' received"),
        (ExecutionCompleted(result=Payload(b"1")), "the orchestrator completed"),
        (EventAwaited(number=1, name="go", line="a.py:2"), "a wait for event 'go' at a.py:2"),
        (EventAwaited(number=1, name="go", request=True), "a wait for request 'go'"),
        (
            ChildStarted(number=1, request=SHIP, line="a.py:3"),
            "child 'ship' with id 's-1' started at a.py:3",
        ),
        (
            InstanceStarted(number=1, request=SHIP),
            "a detached instance of 'ship' with id 's-1' started",
        ),
        (
            InstanceAwaited(number=1, instance_id="s-1"),
            "the result of instance 's-1' awaited",
        ),
        (
            EventSent(number=1, instance_id="s-1", name="go", data=Payload(b"1")),
            "event 'go' sent to instance 's-1'",
        ),
        (CancelSent(number=1, instance_id="s-1"), "a cancel of instance 's-1'"),
        (RequestAnswered(number=1, request_id="r-1"), "an answer to request 'r-1'"),
        (
            EntityCalled(number=1, entity=CART, operation="add", input=Payload(b"1")),
            "operation 'add' of entity Cart 'c-1' called",
        ),
        (
            EntitySignalled(number=1, entity=CART, operation="add", input=Payload(b"1")),
            "signal 'add' to entity Cart 'c-1'",
        ),
        (
            LockRequested(number=1, entities=(EntityId(NAMED_LOCK, "till"), CART)),
            "a lock of 'till', entity Cart 'c-1' requested",
        ),
        (PatchMarked(id="check"), "patch 'check' marked"),
        (ChildCancelRequested(number=4), "child 4 cancelled"),
        (InstanceWaitCancelled(number=4), "the wait 4 for an instance cancelled"),
        (EntityCallCancelled(number=4), "the operation 4 of an entity cancelled"),
        (LockReleased(number=4), "lock 4 released"),
        (TimerFired(number=4), "timer 4 fired"),
        (ActivityCompleted(number=4, result=Payload(b"1")), "activity 4 completed"),
        (ActivityFailed(number=4, failure=FAILURE), "activity 4 failed (x:Y)"),
        (ActivityCancelled(number=4), "activity 4 came to its end after its cancel"),
        (CallCompleted(number=4), "call 4 answered"),
        (CallFailed(number=4, failure=FAILURE), "call 4 failed (x:Y)"),
        (EventReceived(name="go", data=Payload(b"1"), request_id="r"), "request 'go' received"),
        (CancelRequested(), "a cancel requested"),
        (CancelRequested(reason="too late"), "a cancel requested (too late)"),
        (started(), "an execution of 'script' started"),
        (ExecutionCancelled(), "the orchestrator was cancelled"),
        (ExecutionTerminated(reason="", at=T0), "the instance was terminated"),
        (
            ExecutionContinued(request=SHIP, line="a.py:9"),
            "going on as new with 'ship' at a.py:9",
        ),
        (
            ExecutionFailed(failure=Failure(type_name="x:Y", message="")),
            "the orchestrator failed (x:Y)",
        ),
        (EpisodeStarted(at=T0), "an episode started"),
    )
]


def test_every_kind_of_event_is_described() -> None:
    described = {type(each.values[0]) for each in _DESCRIBED}
    assert described == set(get_args(HistoryEvent))


@pytest.mark.parametrize(("recorded", "text"), _DESCRIBED)
def test_a_recorded_event_is_described_for_readers(recorded: Any, text: str) -> None:
    assert describe(recorded) == text


@pytest.mark.parametrize(
    "torn",
    [
        done(7, 1),
        ActivityFailed(number=7, failure=Failure(type_name="x:Y", message="")),
        ActivityCancelled(number=7),
        TimerFired(number=7),
    ],
)
def test_a_history_that_closes_what_is_not_open_is_a_mismatch(torn: Any) -> None:
    history = [*history_of(charge_then_ship), EpisodeStarted(at=T0), torn]
    assert "waits for nothing of that number" in mismatch(replayed(charge_then_ship, history))
