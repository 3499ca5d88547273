"""What an execution waits for, read from history alone."""

import pytest
from tests.unit.core.scripts import T0, data, done, got

from durable_async.core.pending import open_waits
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventAwaited,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
    HistoryEvent,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)

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


@pytest.mark.parametrize(
    "end",
    [
        ExecutionCompleted(result=data(1)),
        ExecutionFailed(failure=FAILURE),
        ExecutionTerminated(reason="", at=T0),
    ],
)
def test_an_ended_execution_waits_for_nothing(end: HistoryEvent) -> None:
    assert open_waits([*ALL, end]) == ()
