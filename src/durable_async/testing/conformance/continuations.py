"""Going on as a new execution (E12). Invariant: nothing of the old execution reaches the new one
but what was carried over and what others had said; the instance is never seen to have ended."""

from __future__ import annotations

import attrs

from durable_async.errors import LeaseLostError
from durable_async.model.commands import (
    AnswerRequest,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartInstance,
    StartTimer,
)
from durable_async.model.history import (
    CancelRequested,
    EventReceived,
    ExecutionCompleted,
    ExecutionStarted,
)
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import AttemptSucceeded, Cancel, Claimed, Heartbeat, InstanceQuery
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance, status_of
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    call,
    child,
    completed,
    continued,
    counter,
    create,
    delivered,
    event,
    the_only,
    value,
)

__all__ = ["ContinuationRules"]


def received(text: str, **fields: str) -> EventReceived:
    return EventReceived(name="go", data=value(text), **fields)


class ContinuationRules(Conformance):
    def woken(self, party: Party) -> Claimed:
        """An instance that has begun."""
        party.run(party.start())
        return the_only(party.commit(messages=[event()]).claimed)

    def test_e12_the_next_execution_is_handed_out_at_once_with_a_fresh_history(
        self, party: Party, clock: SettableClock
    ) -> None:
        woken = self.woken(party)
        created_at = party.record().created_at
        clock.advance(5)
        end = continued(input=value("[2]"), tags={"n": "2"})
        receipt = party.run(woken, ended=end, custom_status=value("1"))
        claimed = the_only(receipt.claimed)
        assert (claimed.lease.execution_id, claimed.news) == ("i-2", ())
        assert claimed.lease.epoch > woken.lease.epoch
        assert claimed.history == party.history()
        started = the_only(claimed.history or ())
        assert isinstance(started, ExecutionStarted)
        assert (started.execution_id, started.at) == ("i-2", clock.now())
        record = party.record()
        assert (record.status, record.execution_id) == (RuntimeStatus.RUNNING, "i-2")
        assert (record.custom_status, record.history_length) == (None, 1)
        assert (record.input, record.tags) == (value("[2]"), {"n": "2"})
        assert (record.created_at, record.updated_at) == (created_at, clock.now())

    def test_e12_from_outside_no_end_is_seen(self, party: Party) -> None:
        receipt = party.run(self.woken(party), ended=continued())
        assert receipt.ended == ()
        assert party.record().completed_at is None
        ended = frozenset(each for each in RuntimeStatus if each.has_ended)
        assert party.engine.count(InstanceQuery(status=ended)) == 0

    def test_e12_it_may_go_on_as_another_orchestrator_on_another_queue(
        self, engine: Engine, party: Party
    ) -> None:
        end = continued(name="other", version="3", queue="slow")
        assert party.run(self.woken(party), ended=end).claimed == ()
        record = party.record()
        assert (record.name, record.version, record.queue) == ("other", "3", "slow")
        able = attrs.evolve(
            EVERYTHING,
            orchestrators=frozenset({("other", "3")}),
            queues=frozenset({"slow"}),
        )
        assert the_only(Party.join(engine, claim=able).commit().claimed).history is not None

    def test_e12_what_was_carried_comes_before_what_waits(self, party: Party) -> None:
        woken = self.woken(party)
        party.commit(messages=[event(data=value("3")), event(data=value("4"), request_id="r")])
        carried = [received("1"), received("2", request_id="q")]
        receipt = party.run(woken, ended=continued(), carried=carried)
        claimed = the_only(receipt.claimed)
        assert delivered(claimed) == [
            received("1"),
            received("2", request_id="q"),
            received("3"),
            received("4", request_id="r"),
        ]
        moments = [news.at for news in claimed.news]
        assert moments == sorted(moments)
        assert party.run(claimed).claimed == ()  # each was consumed by its own id

    def test_e12_events_of_the_same_batch_are_carried(self, party: Party) -> None:
        woken = self.woken(party)
        receipt = party.commit(
            messages=[event(data=value("1"))],
            episodes=[party.episode(woken, ended=continued())],
        )
        assert delivered(the_only(receipt.claimed)) == [received("1")]

    def test_e12_events_are_dropped_if_the_code_says_so(self, party: Party) -> None:
        woken = self.woken(party)
        party.commit(
            messages=[
                event(data=value("1")),
                Cancel(instance_id="i", reason="stop"),
                event(data=value("2"), request_id="r"),
            ]
        )
        receipt = party.run(woken, ended=continued(), carried=None)
        assert delivered(the_only(receipt.claimed)) == [
            CancelRequested(reason="stop"),
            received("2", request_id="r"),
        ]

    def test_e12_what_the_episode_consumed_does_not_come_again(self, party: Party) -> None:
        receipt = party.run(self.woken(party), ended=continued())
        assert the_only(receipt.claimed).news == ()

    def test_e12_keys_that_were_used_stay_used(self, party: Party) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event(key="k")]).claimed)
        claimed = the_only(party.run(woken, ended=continued()).claimed)
        party.run(claimed)
        receipt = party.commit(messages=[event(key="k"), event(key="l")])
        assert receipt.sent == (0, 1)
        assert len(the_only(receipt.claimed).news) == 1

    def test_e12_timers_and_activities_of_the_old_execution_never_reach_the_new_one(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        timer = StartTimer(number=2, due=clock.now())
        receipt = party.run(claimed, activity(0), activity(1))
        running, waiting = receipt.activities
        party.fail(waiting, 1)
        woken = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.run(woken, timer, ended=continued())
        assert receipt.cancelled == (running.lease,)
        new = the_only(receipt.claimed)
        assert party.record().activities == ()
        assert party.commit(heartbeats=[Heartbeat(running.lease, None)]).heartbeats == (True,)
        receipt = party.run(new, activity(0))  # the same number
        task = the_only(receipt.activities)
        assert task.lease.execution_id == "i-2"
        clock.advance(5)
        receipt = party.report(running, AttemptSucceeded(value('"old"')))
        assert (receipt.reports, receipt.claimed, receipt.activities) == ((None,), (), ())
        woken = the_only(party.report(task, AttemptSucceeded(value('"new"'))).claimed)
        assert [each.result for each in delivered(woken) if hasattr(each, "result")] == [
            value('"new"')
        ]

    def test_e12_children_of_the_old_execution_are_cancelled(self, party: Party) -> None:
        party.run(the_only(party.run(party.start("p"), child("c")).claimed))
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        receipt = party.run(woken, child("late", 1), ended=continued("p"))
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        assert set(claimed) == {"p", "c"}
        assert [type(each) for each in delivered(claimed["c"])] == [CancelRequested]
        # What the old one asked for in its last episode, and only for itself, is not begun.
        assert party.engine.records(("late",)) == (None,)
        party.run(claimed["p"])
        assert party.run(claimed["c"], ended=completed()).claimed == ()

    def test_e12_messages_that_were_sent_before_are_delivered(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start("o"))
        receipt = party.run(
            self.woken(party),
            SendEvent(number=0, instance_id="o", name="go", data=value("1")),
            SendCancel(number=1, instance_id="o", reason="r"),
            AnswerRequest(number=2, request_id="q", result=value("2")),
            SignalEntity(number=3, entity=counter(), operation="add", input=value("[]")),
            StartInstance(number=4, request=create("d")),
            call(5, operation="never"),
            ended=continued(),
        )
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        assert set(claimed) == {"o", "i", "d"}
        assert delivered(claimed["o"]) == [received("1"), CancelRequested(reason="r")]
        assert claimed["i"].news == ()  # the answer to the start was for the old one
        assert receipt.answered == ("q",)
        assert [each.name for each in the_only(receipt.claimed_entities).operations] == ["add"]

    def test_e12_the_old_lease_is_worth_nothing(self, engine: Engine, party: Party) -> None:
        woken = self.woken(party)
        party.run(woken, ended=continued())
        receipt = party.run(woken, length=1)
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert len(party.history()) == 1

    def test_e12_a_cancel_is_news_for_an_execution_that_has_not_begun(self, party: Party) -> None:
        claimed = the_only(party.run(self.woken(party), ended=continued()).claimed)
        party.commit(claims=False, releases=[claimed.lease])
        receipt = party.commit(messages=[Cancel(instance_id="i", reason="r")])
        assert receipt.ended == ()
        assert delivered(the_only(receipt.claimed)) == [CancelRequested(reason="r")]

    def test_e12_another_worker_may_take_the_next_execution(
        self, engine: Engine, party: Party
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, orchestrators=frozenset())
        other = Party.join(engine)
        claimed = the_only(other.commit(creates=[create()]).claimed)
        other.claim = party.claim
        other.run(claimed, ended=continued())
        party.claim = EVERYTHING
        taken = the_only(party.commit().claimed)
        assert taken.history == party.history()
        assert party.run(taken, ended=completed("9")).ended == ("i",)
        assert isinstance(party.history()[-1], ExecutionCompleted)

    def test_e12_it_keeps_its_place_among_all(self, party: Party, clock: SettableClock) -> None:
        for name in "abc":
            claimed = party.start(name)
            clock.advance(1)
            party.run(claimed)
        woken = the_only(party.commit(messages=[event("a")]).claimed)
        party.run(woken, ended=continued("a"))
        page = party.engine.page(InstanceQuery())
        assert [each.instance_id for each in page.records] == ["c", "b", "a"]

    def test_e12_many_generations_leave_one_instance(self, party: Party) -> None:
        claimed = party.start()
        for generation in range(2, 102):
            end = continued(generation=generation)
            receipt = party.run(claimed, activity(0), ended=end)
            claimed = the_only(receipt.claimed)
            assert receipt.activities == ()
        assert party.engine.count(InstanceQuery()) == 1
        assert status_of(party) is RuntimeStatus.RUNNING
        assert len(party.history()) == 1
        assert party.record().queue == DEFAULT_QUEUE
