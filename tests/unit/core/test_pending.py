"""What an execution waits for, read from history alone."""

from typing import Any

import pytest
from tests.unit.core.scripts import T0, asked, data, done, got

from durable_async.core.pending import Waits, open_waits
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
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
    EventSent,
    EventWaitCancelled,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
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
from durable_async.model.identity import EntityId

FAILURE = Failure(type_name="x:Y", message="")
CHARGE = ActivityScheduled(number=0, name="charge", input=data([]))
TIMER = TimerStarted(number=1, due=T0)
GO = EventAwaited(number=2, name="go")
GO_AGAIN = EventAwaited(number=3, name="go")
OTHER = EventAwaited(number=4, name="other")
ALL: list[HistoryEvent] = [EpisodeStarted(at=T0), CHARGE, TIMER, GO, GO_AGAIN, OTHER]


def test_waits_are_told_oldest_first() -> None:
    assert open_waits(ALL) == (CHARGE, TIMER, GO, GO_AGAIN, OTHER)


@pytest.mark.parametrize(
    "closing",
    [
        done(0, 1),
        ActivityFailed(number=0, failure=FAILURE),
        ActivityCancelRequested(number=0),
        ActivityCancelled(number=0),
    ],
)
def test_an_activity_is_closed_by_its_end_or_its_cancel(closing: HistoryEvent) -> None:
    assert open_waits([*ALL, closing]) == (TIMER, GO, GO_AGAIN, OTHER)


@pytest.mark.parametrize("closing", [TimerFired(number=1), TimerCancelled(number=1)])
def test_a_timer_is_closed_when_it_fires_or_is_cancelled(closing: HistoryEvent) -> None:
    assert open_waits([*ALL, closing]) == (CHARGE, GO, GO_AGAIN, OTHER)


def test_an_event_closes_the_wait_that_is_first_in_line() -> None:
    assert open_waits([*ALL, got("go", 1)]) == (CHARGE, TIMER, GO_AGAIN, OTHER)
    assert open_waits([got("go", 1), *ALL]) == (CHARGE, TIMER, GO_AGAIN, OTHER)
    assert open_waits([*ALL, got("nobody", 1)]) == open_waits(ALL)


def test_a_cancelled_wait_is_closed_and_an_event_it_was_handed_goes_on() -> None:
    cancelled = EventWaitCancelled(number=2)
    assert open_waits([*ALL, cancelled]) == (CHARGE, TIMER, GO_AGAIN, OTHER)
    assert open_waits([*ALL, got("go", 1), cancelled]) == (CHARGE, TIMER, OTHER)
    assert open_waits([*ALL, EventWaitCancelled(number=1)]) == open_waits(ALL)


SHIP = CreateInstance(instance_id="s-1", execution_id="e-2", name="ship", input=data([]))
CALLS: list[HistoryEvent] = [
    ChildStarted(number=0, request=SHIP),
    InstanceStarted(number=1, request=SHIP),
    InstanceAwaited(number=2, instance_id="s-2"),
    EntityCalled(number=3, entity=EntityId("Cart", "c"), operation="add", input=data([])),
    LockRequested(number=4, entities=(EntityId("Cart", "c"),)),
]


def test_calls_of_others_are_waits() -> None:
    others: list[HistoryEvent] = [
        EventSent(number=5, instance_id="s-2", name="go", data=data(1)),
        CancelSent(number=6, instance_id="s-2"),
        RequestAnswered(number=7, request_id="r-1"),
        EntitySignalled(number=8, entity=EntityId("Cart", "c"), operation="x", input=data([])),
        PatchMarked(id="check"),
        CancelRequested(reason="stop"),
        SideEffectRecorded(number=9, name="roll", result=data(1)),
    ]
    assert open_waits([*CALLS, *others]) == tuple(CALLS)


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize(
    "closing", [CallCompleted, lambda number: CallFailed(number=number, failure=FAILURE)]
)
def test_a_call_is_closed_by_its_answer(closing: Any, number: int) -> None:
    still_open = tuple(CALLS[:number] + CALLS[number + 1 :])
    assert open_waits([*CALLS, closing(number=number)]) == still_open


@pytest.mark.parametrize(
    ("number", "given_up"),
    [
        (0, ChildCancelRequested(number=0)),
        (2, InstanceWaitCancelled(number=2)),
        (3, EntityCallCancelled(number=3)),
        (4, LockReleased(number=4)),
    ],
)
def test_a_call_is_closed_when_it_is_given_up(number: int, given_up: HistoryEvent) -> None:
    assert open_waits([*CALLS, given_up]) == tuple(CALLS[:number] + CALLS[number + 1 :])


def test_a_request_is_waited_for_apart_from_an_event_of_the_same_name() -> None:
    asks = EventAwaited(number=5, name="go", request=True)
    assert open_waits([GO, asks, got("go", 1)]) == (asks,)
    assert open_waits([GO, asks, asked("go", 1)]) == (GO,)
    cancelled = EventWaitCancelled(number=5)
    assert open_waits([GO, asks, cancelled]) == (GO,)


def test_a_lock_is_held_from_when_it_is_granted_until_it_is_released() -> None:
    waits = Waits()
    for event in (CALLS[4], CallCompleted(number=4)):
        waits.follow(event)
    assert waits.locks == {4: CALLS[4]}
    waits.follow(LockReleased(number=4))
    assert waits.locks == {}


@pytest.mark.parametrize(
    "end",
    [
        ExecutionCancelled(reason=""),
        ExecutionContinued(request=SHIP),
        ExecutionCompleted(result=data(1)),
        ExecutionFailed(failure=FAILURE),
        ExecutionTerminated(reason="", at=T0),
    ],
)
def test_an_ended_execution_waits_for_nothing(end: HistoryEvent) -> None:
    assert open_waits([*ALL, end]) == ()
