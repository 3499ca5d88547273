"""What is handed out, to whom and when (E5, E6, E8). Invariant: what is runnable and admitted goes
out with the commit that made it so."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from durable_async.errors import (
    LeaseLostError,
)
from durable_async.model.commands import (
    StartTimer,
)
from durable_async.model.history import (
    ActivityCompleted,
    EventReceived,
    TimerFired,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptSucceeded,
    Batch,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    create,
    delivered,
    event,
    the_only,
    value,
)

__all__ = ["ClaimRules"]


class ClaimRules(Conformance):
    def test_e5_no_more_is_handed_out_than_was_asked_for(self, party: Party) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_instances=2, max_activities=3)
        receipt = party.commit(creates=[create(f"i{number}") for number in range(5)])
        assert len(receipt.claimed) == 2
        assert receipt.next_due is not None and receipt.next_due <= receipt.now
        seen = {each.lease.instance_id for each in receipt.claimed}
        for _ in range(2):
            seen |= {each.lease.instance_id for each in party.commit().claimed}
        assert seen == {f"i{number}" for number in range(5)}

    def test_e5_no_more_news_is_handed_out_than_was_asked_for(self, party: Party) -> None:
        names = [f"i{number}" for number in range(5)]
        receipt = party.commit(creates=[create(name) for name in names])
        party.run_all(*[party.episode(each) for each in receipt.claimed])
        party.claim = attrs.evolve(EVERYTHING, max_instances=2)
        receipts = [party.commit(messages=[event(name) for name in names])]
        assert receipts[0].next_due == receipts[0].now
        receipts += [party.commit() for _ in range(3)]
        assert [len(each.claimed) for each in receipts] == [2, 2, 1, 0]
        assert receipts[-1].next_due is None

    def test_e5_waiting_activities_go_out_as_places_become_free_oldest_first(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_activities=2)
        first = party.run(party.start("a"), *(activity(number) for number in range(3)))
        assert len(first.activities) == 2
        party.claim = attrs.evolve(EVERYTHING, max_activities=0)
        clock.advance(1)
        later = party.run(party.start("b"), activity(0))
        assert (later.activities, later.next_due) == ((), None)
        newest = party.start("c")
        party.claim = attrs.evolve(EVERYTHING, max_activities=1)
        task = the_only(party.commit().activities)
        assert (task.lease.instance_id, task.lease.number) == ("a", 2)
        # What waited before goes before what this very batch schedules.
        receipt = party.run(newest, activity(0))
        assert the_only(receipt.activities).lease.instance_id == "b"

    def test_e5_instances_that_waited_longest_go_first(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        names = [f"i{number}" for number in range(4)]
        for name in names:
            engine.commit(Batch(creates=(create(name),)))
            clock.advance(1)
        party.claim = attrs.evolve(EVERYTHING, max_instances=1)
        order = [the_only(party.commit().claimed).lease.instance_id for _ in names]
        assert order == names

    def test_e5_a_claim_may_name_the_only_instances_it_wants(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        for name in ("mine", "other"):
            party.run(party.start(name), activity(0))
        party.commit(messages=[event("mine"), event("other")], claims=False)
        engine.close_session(party.session)
        picky = Party.join(engine, claim=attrs.evolve(EVERYTHING, only=frozenset({"mine"})))
        receipt = picky.commit(creates=[create("another")])
        assert the_only(receipt.claimed).lease.instance_id == "mine"
        assert the_only(receipt.activities).lease.instance_id == "mine"
        due = clock.now() + timedelta(seconds=3)
        receipt = picky.run(the_only(receipt.claimed), StartTimer(number=9, due=due))
        assert receipt.next_due == due
        clock.advance(3)
        assert delivered(the_only(picky.commit().claimed)) == [TimerFired(number=9)]

    def test_e6_an_instance_is_handed_out_by_the_commit_that_creates_it(self, party: Party) -> None:
        receipt = party.commit(creates=[create(tags={"k": "v"})], messages=[event()])
        claimed = the_only(receipt.claimed)
        assert claimed.history == party.history()
        assert delivered(claimed) == [EventReceived(name="go", data=value())]

    def test_e6_an_activity_is_handed_out_by_the_commit_that_schedules_it(
        self, party: Party, clock: SettableClock
    ) -> None:
        task = the_only(party.run(party.start(), activity(0, timeout=3)).activities)
        assert (task.name, task.attempt, task.input) == ("step", 1, value("[0]"))
        assert (task.options.timeout, task.scheduled_at) == (3, clock.now())

    def test_e6_a_message_wakes_whoever_holds_the_instance(self, party: Party) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event(data=value("1"))]).claimed)
        assert woken.history is None  # it knows it
        assert delivered(woken) == [EventReceived(name="go", data=value("1"))]

    def test_e6_a_report_wakes_whoever_holds_the_instance(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        woken = the_only(party.report(task, AttemptSucceeded(value("1"))).claimed)
        assert woken.history is None
        assert delivered(woken) == [ActivityCompleted(number=0, result=value("1"))]

    def test_e6_a_timer_that_is_due_already_fires_in_the_commit_that_starts_it(
        self, party: Party, clock: SettableClock
    ) -> None:
        receipt = party.run(party.start(), StartTimer(number=0, due=clock.now()))
        assert delivered(the_only(receipt.claimed)) == [TimerFired(number=0)]

    def test_e6_news_that_is_in_hand_is_not_handed_out_again(self, party: Party) -> None:
        claimed = party.start()
        assert party.commit().claimed == ()
        assert party.commit(messages=[event(data=value("1"))]).claimed == ()
        receipt = party.run(claimed)  # it knew nothing of the message
        woken = the_only(receipt.claimed)
        assert delivered(woken) == [EventReceived(name="go", data=value("1"))]
        assert party.commit().claimed == ()
        assert party.run(woken).claimed == ()

    def test_e6_what_is_given_back_may_be_claimed_at_once(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = party.start()
        other = Party.join(engine)
        assert other.commit().claimed == ()
        party.commit(claims=False, releases=[claimed.lease])
        taken = the_only(other.commit().claimed)
        assert taken.history == other.history()
        assert isinstance(the_only(party.run(claimed).episodes), LeaseLostError)
        assert other.run(taken).episodes == (None,)

    def test_e6_an_idle_instance_that_is_given_back_is_left_until_it_has_news(
        self, party: Party
    ) -> None:
        claimed = party.start()
        party.run(claimed)
        assert party.commit(releases=[claimed.lease]).claimed == ()
        woken = the_only(party.commit(messages=[event()]).claimed)
        assert woken.history == party.history()

    def test_e6_a_report_wakes_an_instance_that_nobody_holds(self, party: Party) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        assert party.commit(releases=[claimed.lease]).claimed == ()
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        assert woken.history == party.history()

    @pytest.mark.parametrize(
        "fields", [{"name": "unknown"}, {"version": "2"}, {"name": "unknown", "version": "2"}]
    )
    def test_e8_a_definition_that_nobody_here_has_is_left_alone(
        self, engine: Engine, party: Party, fields: dict[str, str]
    ) -> None:
        receipt = party.commit(creates=[create(**fields)])
        assert (receipt.claimed, receipt.next_due) == ((), None)
        assert party.record().status is RuntimeStatus.PENDING
        wanted = (fields.get("name", "flow"), fields.get("version"))
        able = attrs.evolve(EVERYTHING, orchestrators=frozenset({wanted}))
        assert the_only(Party.join(engine, claim=able).commit().claimed).news == ()

    def test_e8_an_activity_that_nobody_here_has_waits(self, engine: Engine, party: Party) -> None:
        receipt = party.run(party.start(), activity(0, name="unknown"), activity(1, queue="gpu"))
        assert (receipt.activities, receipt.next_due) == ((), None)
        able = attrs.evolve(
            EVERYTHING, activities=frozenset({"unknown", "step"}), queues=frozenset({"gpu"})
        )
        assert the_only(Party.join(engine, claim=able).commit().activities).lease.number == 1
        able = attrs.evolve(EVERYTHING, activities=frozenset({"unknown"}))
        assert the_only(Party.join(engine, claim=able).commit().activities).lease.number == 0
