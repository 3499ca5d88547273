"""Which waits are open: each is closed by one event, and events go to those who came first."""

from datetime import UTC, datetime

import pytest

from durable_async.core.pending import open_waits
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.payload import Payload

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOTHING = Payload(b"null")
FAILURE = Failure(type_name="builtins:ValueError", message="no")


def timer(number: int) -> TimerStarted:
    return TimerStarted(number=number, due=NOON)


def scheduled(number: int) -> ActivityScheduled:
    return ActivityScheduled(number=number, name="charge", input=Payload(b"[]"))


def awaited(number: int, name: str = "go") -> EventAwaited:
    return EventAwaited(number=number, name=name)


def received(name: str = "go") -> EventReceived:
    return EventReceived(name=name, data=NOTHING)


def open_numbers(*events: HistoryEvent) -> list[int]:
    return [wait.number for wait in open_waits(events)]


def test_nothing_is_open_before_anything_was_asked() -> None:
    begun = ExecutionStarted(
        format=1, instance_id="a", execution_id="e", name="flow", input=Payload(b"[]"), at=NOON
    )
    effect = SideEffectRecorded(number=0, name="roll", result=NOTHING)
    assert open_waits(()) == ()
    assert open_waits((begun, EpisodeStarted(at=NOON), effect)) == ()


def test_open_waits_come_oldest_first() -> None:
    waits = (timer(0), scheduled(1), awaited(2))
    assert open_waits(waits) == waits


def test_a_timer_stays_open_until_history_says_it_fired() -> None:
    assert open_numbers(timer(0), timer(1)) == [0, 1]
    assert open_numbers(timer(0), timer(1), TimerFired(number=0)) == [1]
    assert open_numbers(timer(0), timer(1), TimerCancelled(number=1)) == [0]


@pytest.mark.parametrize(
    "end",
    [
        ActivityCompleted(number=0, result=NOTHING),
        ActivityFailed(number=0, failure=FAILURE),
        ActivityCancelRequested(number=0),
        ActivityCancelled(number=0),
    ],
)
def test_an_activity_is_not_waited_for_after_its_end_or_its_cancellation(end: HistoryEvent) -> None:
    assert open_numbers(scheduled(0), scheduled(1), end) == [1]


def test_a_late_end_of_a_cancelled_wait_closes_nothing_else() -> None:
    late = (scheduled(0), ActivityCancelRequested(number=0), ActivityCancelled(number=0))
    assert open_numbers(*late, timer(1)) == [1]


def test_an_event_closes_the_oldest_wait_of_its_name() -> None:
    waits = (awaited(0), awaited(1, "stop"), awaited(2))
    assert open_numbers(*waits, received()) == [1, 2]
    assert open_numbers(*waits, received("stop")) == [0, 2]
    assert open_numbers(*waits, received("other")) == [0, 1, 2]


def test_an_event_that_came_early_closes_the_wait_that_comes_later() -> None:
    assert open_numbers(received(), awaited(0), awaited(1)) == [1]


def test_a_wait_that_is_cancelled_is_closed_and_takes_nothing() -> None:
    assert open_numbers(awaited(0), awaited(1), EventWaitCancelled(number=0)) == [1]
    assert open_numbers(awaited(0), awaited(1), EventWaitCancelled(number=0), received()) == []


def test_an_event_given_to_a_wait_that_was_cancelled_goes_to_the_next() -> None:
    given = (awaited(0), awaited(1), received())
    assert open_numbers(*given) == [1]
    assert open_numbers(*given, EventWaitCancelled(number=0)) == []
    assert open_numbers(awaited(0), received(), EventWaitCancelled(number=0), awaited(1)) == []


def test_the_cancellation_of_an_unknown_wait_closes_nothing() -> None:
    assert open_numbers(timer(0), EventWaitCancelled(number=7)) == [0]


@pytest.mark.parametrize(
    "end",
    [
        ExecutionCompleted(result=NOTHING),
        ExecutionFailed(failure=FAILURE),
        ExecutionTerminated(reason="enough", at=NOON),
    ],
)
def test_an_ended_execution_waits_for_nothing(end: HistoryEvent) -> None:
    assert open_waits((timer(0), awaited(1), end)) == ()
