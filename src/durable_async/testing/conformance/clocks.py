"""The engine's clock (E4). Invariant: it alone says what is due, and in which order things came."""

from __future__ import annotations

from datetime import timedelta

from durable_async.model.commands import (
    CancelTimer,
    StartTimer,
)
from durable_async.model.history import (
    Delivered,
    EventReceived,
    ExecutionStarted,
    TimerFired,
)
from durable_async.model.work import (
    AttemptReleased,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    Party,
    SettableClock,
    activity,
    create,
    delivered,
    event,
    succeeded,
    the_only,
    value,
)

__all__ = ["ClockRules"]


class ClockRules(Conformance):
    def test_e4_a_timer_fires_when_the_engines_clock_says_so(
        self, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=5)
        receipt = party.run(party.start(), StartTimer(number=0, due=due))
        assert (receipt.claimed, receipt.next_due) == ((), due)
        clock.advance(4.999999)
        assert party.commit().claimed == ()
        clock.advance(0.000001)
        fired = the_only(the_only(party.commit().claimed).news)
        assert (fired.event, fired.at) == (TimerFired(number=0), due)

    def test_e4_a_cancelled_timer_does_not_fire(self, party: Party, clock: SettableClock) -> None:
        due = clock.now() + timedelta(seconds=5)
        party.run(party.start(), StartTimer(number=0, due=due))
        woken = the_only(party.commit(messages=[event()]).claimed)
        assert party.run(woken, CancelTimer(number=0)).next_due is None
        clock.advance(5)
        assert party.commit().claimed == ()

    def test_e4_a_timer_cancelled_in_its_own_episode_does_not_fire(
        self, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=5)
        receipt = party.run(party.start(), StartTimer(number=0, due=due), CancelTimer(number=0))
        assert receipt.next_due is None
        clock.advance(5)
        assert party.commit().claimed == ()

    def test_e4_news_comes_in_order_of_time_and_ties_by_number(
        self, party: Party, clock: SettableClock
    ) -> None:
        start = clock.now()
        timers = [
            StartTimer(number=number, due=start + timedelta(seconds=due))
            for number, due in [(0, 3), (1, 1), (2, 2), (3, 2)]
        ]
        first, second = party.run(party.start(), *timers, activity(4), activity(5)).activities
        clock.advance(2)
        party.commit(
            claims=False,
            messages=[event(name="b"), event(name="a")],
            reports=[succeeded(second), succeeded(first)],
        )
        clock.advance(5)
        party.commit(claims=False, messages=[event(name="late")])
        woken = the_only(party.commit().claimed)
        assert [_label(each) for each in delivered(woken)] == [
            1, "b", "a", 2, 3, 4, 5, 0, "late",
        ]  # fmt: skip
        moments = [news.at for news in woken.news]
        assert moments == sorted(moments)

    def test_e4_an_event_accepted_before_a_timer_was_due_comes_first(
        self, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=60)
        party.run(party.start(), StartTimer(number=0, due=due))
        clock.advance(59)
        party.commit(claims=False, messages=[event()])
        clock.advance(3_600)
        woken = the_only(party.commit().claimed)
        assert [type(each) for each in delivered(woken)] == [EventReceived, TimerFired]

    def test_e4_events_stay_in_order_when_the_clock_is_set_back(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        for number in range(3):
            party.commit(claims=False, messages=[event(data=value(str(number)))])
            clock.advance(-3_600)
        woken = the_only(party.commit().claimed)
        assert [each.data for each in delivered(woken) if isinstance(each, EventReceived)] == [
            value("0"), value("1"), value("2"),
        ]  # fmt: skip

    def test_e4_a_small_step_back_of_the_clock_is_not_seen(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        before = party.commit().now
        clock.advance(-5)
        assert engine.now() == before
        assert party.commit().now == before

    def test_e4_nothing_waits_for_a_clock_that_was_set_back_to_catch_up(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start("waiting"))
        receipt = party.run(party.start("busy"), activity(0), activity(1))
        party.fail(receipt.activities[1], 60)
        party.commit(claims=False, messages=[event("waiting")], creates=[create("new")])
        party.report(receipt.activities[0], AttemptReleased())
        engine.close_session(party.session)
        clock.advance(-86_400)
        party = Party.join(engine)
        receipt = party.commit()
        assert {each.lease.instance_id for each in receipt.claimed} == {"waiting", "new"}
        assert [task.lease.number for task in receipt.activities] == [0]
        clock.advance(60)
        assert [task.lease.number for task in party.commit().activities] == [1]

    def test_e4_an_instance_never_starts_early(self, party: Party, clock: SettableClock) -> None:
        start_at = clock.now() + timedelta(seconds=30)
        receipt = party.commit(creates=[create(start_at=start_at)])
        assert (receipt.claimed, receipt.next_due) == ((), start_at)
        receipt = party.commit(messages=[event()])  # it waits like everything else
        assert receipt.claimed == ()
        clock.advance(30)
        claimed = the_only(party.commit().claimed)
        assert delivered(claimed) == [EventReceived(name="go", data=value())]

    def test_e4_a_start_in_the_past_is_a_start_now(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start(start_at=clock.now() - timedelta(days=1))
        assert isinstance(the_only(claimed.history or ()), ExecutionStarted)

    def test_e4_what_is_accepted_is_stamped_by_the_engine(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        assert party.record().created_at == clock.now()
        (started,) = claimed.history or ()
        assert isinstance(started, ExecutionStarted)
        assert started.at == clock.now()


def _label(news: Delivered) -> str | int | None:
    return news.name if isinstance(news, EventReceived) else getattr(news, "number", None)
