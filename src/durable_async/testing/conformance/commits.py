"""One transaction, fenced, and durable when it is acknowledged (E1, E2). Invariant: what is refused
leaves nothing behind."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceNotFoundError,
    LeaseLostError,
    StoreError,
)
from durable_async.model.commands import (
    AwaitInstance,
    CancelActivity,
    CancelTimer,
    RecordSideEffect,
    RequestLock,
    SignalEntity,
    StartTimer,
)
from durable_async.model.history import (
    ActivityCompleted,
    CallCompleted,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
    TimerFired,
)
from durable_async.model.identity import Caller
from durable_async.model.options import RetryRule
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptReleased,
    AttemptSucceeded,
    Batch,
    Created,
    Heartbeat,
    Resume,
    Suspend,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import PARENT, RUNNING, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    added_by,
    call,
    child,
    completed,
    counter,
    create,
    delivered,
    event,
    failed,
    failed_with,
    signal,
    succeeded,
    the_only,
    value,
)

__all__ = ["CommitRules"]


class CommitRules(Conformance):
    def test_e1_an_episode_changes_history_status_and_work_together(self, party: Party) -> None:
        claimed = party.start()
        due = party.engine.now() + timedelta(seconds=5)
        receipt = party.run(claimed, activity(0), StartTimer(number=1, due=due))

        assert receipt.episodes == (None,)
        assert [type(each).__name__ for each in party.history()] == [
            "ExecutionStarted",
            "EpisodeStarted",
            "ActivityScheduled",
            "TimerStarted",
        ]
        record = party.record()
        assert (record.status, record.history_length) == (RUNNING, 4)
        assert [each.name for each in record.activities] == ["step"]
        assert receipt.next_due == due

    def test_e1_history_comes_back_as_it_was_committed(self, party: Party) -> None:
        claimed = party.start(input=value('[1, "\u00e4"]'), tags={"a": "1"}, parent=PARENT)
        commit = party.episode(
            claimed,
            activity(0, timeout=2.5, tags={"x": "y"}, retry=RetryRule(max_attempts=7)),
            RecordSideEffect(number=1, name="f", failure=failed("\u00e9\x00")),
            RecordSideEffect(number=2, name="g", result=value("0")),
        )
        party.run_all(commit)

        assert claimed.history is not None
        assert party.history() == (*claimed.history, *added_by(commit))

    def test_e1_an_episode_on_another_history_is_refused_and_leaves_nothing(
        self, party: Party
    ) -> None:
        claimed = party.start()
        receipt = party.run(
            claimed, activity(0), length=2, ended=completed(), custom_status=value()
        )

        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert receipt.ended == ()
        record = party.record()
        assert (record.status, record.history_length) == (RuntimeStatus.PENDING, 1)
        assert record.custom_status is None
        assert record.activities == ()

    def test_e1_whoever_runs_on_another_history_must_claim_it_anew(self, party: Party) -> None:
        claimed = party.start()
        receipt = party.run(claimed, length=2)

        again = the_only(receipt.claimed)
        assert again.history == party.history()
        assert again.lease.epoch > claimed.lease.epoch
        assert party.run(again).episodes == (None,)

    def test_e1_an_episode_that_is_committed_twice_counts_once(self, party: Party) -> None:
        claimed = party.start()
        commit = party.episode(claimed, activity(0))
        first, second = party.run_all(commit), party.run_all(commit)

        assert first.episodes == (None,)
        assert isinstance(the_only(second.episodes), LeaseLostError)
        assert second.activities == ()
        assert len(party.history()) == 3

    def test_e1_the_rest_of_a_batch_goes_through_when_a_part_is_refused(self, party: Party) -> None:
        good, bad = party.start("good"), party.start("bad")
        receipt = party.commit(
            creates=[create("good"), create("new")],
            messages=[event("nobody"), event("new")],
            episodes=[party.episode(bad, length=7), party.episode(good)],
        )
        assert isinstance(receipt.created[0], InstanceAlreadyExistsError)
        assert receipt.created[1] == Created(instance_id="new", execution_id="new-1", fresh=True)
        assert isinstance(receipt.sent[0], InstanceNotFoundError)
        assert receipt.sent[1] == 1
        assert isinstance(receipt.episodes[0], LeaseLostError)
        assert receipt.episodes[1] is None
        assert party.record("good").status is RUNNING

    def test_e1_a_stale_holder_is_refused_whatever_it_does(
        self, engine: Engine, clock: SettableClock, party: Party
    ) -> None:
        other = Party.join(engine)
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        other.commit(messages=[event()])
        self.fall_silent(clock, other)
        receipt = other.commit()
        taken, again = the_only(receipt.claimed), the_only(receipt.activities)
        assert taken.lease.epoch > claimed.lease.epoch
        assert again.lease.epoch > task.lease.epoch

        stale = party.commit(
            claims=False,
            episodes=[party.episode(claimed, ended=completed())],
            reports=[succeeded(task)],
            heartbeats=[Heartbeat(task.lease, value())],
            releases=[claimed.lease],
        )
        assert isinstance(the_only(stale.episodes), LeaseLostError)
        assert isinstance(the_only(stale.reports), LeaseLostError)
        assert isinstance(the_only(stale.heartbeats), LeaseLostError)
        assert other.run(taken).episodes == (None,)
        assert other.report(again, AttemptSucceeded(value())).reports == (None,)

    def test_e1_nobody_acts_on_the_lease_of_another_session(
        self, engine: Engine, party: Party
    ) -> None:
        other = Party.join(engine)
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        receipt = other.commit(
            episodes=[other.episode(claimed, length=3)],
            reports=[succeeded(task)],
            heartbeats=[Heartbeat(task.lease, None)],
            releases=[claimed.lease],
        )
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert isinstance(the_only(receipt.reports), LeaseLostError)
        assert isinstance(the_only(receipt.heartbeats), LeaseLostError)
        assert party.run(claimed).episodes == (None,)

    def test_e1_parts_on_no_ones_behalf_are_refused(self, engine: Engine, party: Party) -> None:
        claimed = party.start()
        receipt = engine.commit(Batch(episodes=(party.episode(claimed),)))
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert party.run(claimed).episodes == (None,)

    def test_e1_a_session_that_was_closed_can_do_nothing(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = party.start()
        engine.close_session(party.session)
        with pytest.raises(StoreError, match="open"):
            party.run(claimed)
        engine.close_session(party.session)  # once more does no harm

    def test_e1_a_report_counts_once(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        assert party.report(task, AttemptSucceeded(value("1"))).reports == (None,)
        again = party.report(task, AttemptSucceeded(value("2")))
        assert isinstance(the_only(again.reports), LeaseLostError)
        assert again.claimed == ()

    def test_e1_a_result_that_woke_an_episode_directly_ends_its_activity(
        self, party: Party
    ) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        done = ActivityCompleted(number=0, result=value("1"))
        follow = attrs.evolve(claimed, news=())
        receipt = party.run(follow, activity(1), finished=[(task.lease, done)])

        assert receipt.episodes == (None,)
        assert the_only(receipt.activities).lease.number == 1
        assert done in party.history()
        assert [each.number for each in party.record().activities] == [1]
        late = party.report(task, AttemptSucceeded(value("2")))
        assert isinstance(the_only(late.reports), LeaseLostError)

    def test_e1_an_episode_woken_with_a_result_that_is_not_its_sessions_is_refused(
        self, party: Party
    ) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        party.report(task, AttemptReleased())
        done = ActivityCompleted(number=0, result=value("1"))
        follow = attrs.evolve(claimed, news=())
        receipt = party.run(follow, finished=[(task.lease, done)])
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert done not in party.history()

    def test_e1_an_episode_woken_with_a_result_of_another_instance_is_refused(
        self, party: Party
    ) -> None:
        task = the_only(party.run(party.start("other"), activity(0)).activities)
        claimed = party.start()
        done = ActivityCompleted(number=0, result=value("1"))
        receipt = party.run(claimed, finished=[(task.lease, done)])
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert len(party.history()) == 1
        assert party.report(task, AttemptSucceeded(value())).reports == (None,)

    def test_e1_a_result_does_not_overtake_news_that_was_accepted_before_it(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        engine.commit(Batch(messages=(event(),)))
        clock.advance(1)
        done = ActivityCompleted(number=0, result=value("1"))
        unaware = attrs.evolve(claimed, news=())
        receipt = party.run(unaware, finished=[(task.lease, done)])
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert done not in party.history()
        again = the_only(receipt.claimed)
        assert again.history is not None
        assert [type(news.event) for news in again.news] == [EventReceived]
        assert party.report(task, AttemptSucceeded(value("1"))).reports == (None,)

    def test_e1_episodes_of_one_instance_follow_one_another_in_a_batch(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        due = clock.now() + timedelta(seconds=1)
        timers = [StartTimer(number=number, due=due) for number in (2, 3)]
        first = party.episode(claimed, activity(0), activity(1), *timers)
        again = attrs.evolve(claimed, news=())
        second = party.episode(
            again,
            CancelActivity(number=0),
            CancelTimer(number=2),
            length=1 + len(added_by(first)),
        )
        receipt = party.run_all(first, second)
        assert receipt.episodes == (None, None)
        assert [task.lease.number for task in receipt.activities] == [1]
        assert len(party.history()) == 1 + len(added_by(first)) + len(added_by(second))
        clock.advance(1)
        assert delivered(the_only(party.commit().claimed)) == [TimerFired(number=3)]

    def test_e1_nothing_that_was_scheduled_outlives_an_end_in_the_same_batch(
        self, party: Party
    ) -> None:
        claimed = party.start()
        first = party.episode(claimed, activity(0))
        again = attrs.evolve(claimed, news=())
        last = party.episode(again, activity(1), length=3, ended=completed())
        receipt = party.run_all(first, last)
        assert (receipt.episodes, receipt.ended) == ((None, None), ("i",))
        assert (receipt.activities, party.commit().activities) == ((), ())

    def test_e1_terminating_runs_no_code_and_fences_the_holder(self, party: Party) -> None:
        claimed = party.start()
        receipt = party.commit(
            messages=[Terminate(instance_id="i", reason="enough")],
            episodes=[party.episode(claimed, ended=completed())],
        )
        assert receipt.sent == (1,)
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert receipt.ended == ("i",)
        last = party.history()[-1]
        assert last == ExecutionTerminated(reason="enough", at=receipt.now)
        record = party.record()
        assert (record.status, record.completed_at) == (RuntimeStatus.TERMINATED, receipt.now)

    def test_e1_a_custom_status_is_seen_when_its_episode_is_committed(self, party: Party) -> None:
        claimed = party.start()
        party.run(claimed, custom_status=value('"half"'))
        assert party.record().custom_status == value('"half"')
        again = the_only(party.commit(messages=[event()]).claimed)
        party.run(again)
        assert party.record().custom_status == value('"half"')
        again = the_only(party.commit(messages=[event()]).claimed)
        party.run(again, custom_status=None)
        assert party.record().custom_status is None

    @pytest.mark.parametrize("ended", [completed("7"), failed_with("bad")])
    def test_e1_an_outcome_is_recorded_with_its_status(
        self, party: Party, clock: SettableClock, ended: ExecutionCompleted | ExecutionFailed
    ) -> None:
        claimed = party.start()
        clock.advance(3)
        receipt = party.run(claimed, ended=ended)
        record = party.record()
        assert receipt.ended == ("i",)
        assert record.completed_at == record.updated_at == clock.now()
        if isinstance(ended, ExecutionFailed):
            assert (record.status, record.failure) == (RuntimeStatus.FAILED, ended.failure)
        else:
            assert (record.status, record.output) == (RuntimeStatus.COMPLETED, ended.result)

    def test_e1_answers_stand_at_the_place_of_what_they_answer(self) -> None:
        @given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=12))
        def check(parts: list[tuple[bool, int]]) -> None:
            creates = [f"i{number}" for is_create, number in parts if is_create]
            messages = [f"i{number}" for is_create, number in parts if not is_create]
            batch = Batch(
                creates=tuple(create(each) for each in creates),
                messages=tuple(event(each) for each in messages),
            )
            with contextlib.closing(self.opened()) as engine:
                receipt = engine.commit(batch)
            is_first = [each not in creates[:place] for place, each in enumerate(creates)]
            assert [isinstance(each, Created) for each in receipt.created] == is_first
            assert [each == 1 for each in receipt.sent] == [each in creates for each in messages]

        check()

    def test_e2_what_was_acknowledged_is_there_in_a_later_process(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        party.commit(messages=[event(data=value("1"))], claims=False)
        party.commit(reports=[succeeded(task, "2")], claims=False)
        history = party.history()
        engine.close_session(party.session)
        engine = self.reopen(engine)
        other = Party.join(engine)
        claimed = the_only(other.commit().claimed)
        assert claimed.history == history
        assert delivered(claimed) == [
            EventReceived(name="go", data=value("1")),
            ActivityCompleted(number=0, result=value("2")),
        ]

    def test_e2_what_instances_asked_of_one_another_is_there_in_a_later_process(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        party.run(party.start("o"))
        lock = RequestLock(number=1, entities=(counter("free"),))
        taken = RequestLock(number=4, entities=(counter("free"),))
        due = clock.now() + timedelta(seconds=5)
        later = SignalEntity(number=2, entity=counter(), operation="later", input=value(), due=due)
        wait = AwaitInstance(number=3, instance_id="o")
        receipt = party.run(party.start("p"), child("c"), lock, later, wait)
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        party.run(claimed["c"], call(0, operation="call"), taken)
        party.commit(messages=[Suspend(instance_id="p", reason="r"), signal(operation="signal")])
        engine.close_session(party.session)

        engine = self.reopen(engine)
        party = Party.join(engine)
        clock.advance(5)
        receipt = party.commit(messages=[Terminate(instance_id="o", reason="")])
        operations = the_only(receipt.claimed_entities)
        assert [each.name for each in operations.operations] == ["call", "signal", "later"]
        record = engine.entity(counter("free"))
        assert record is not None and record.locked_by == Caller("p", "p-1", 1)
        assert party.record("p").suspended == "r"
        receipt = party.operate(operations, "1", "2", "3")
        party.lengths["c"] = len(party.history("c"))
        woken = the_only(receipt.claimed)
        assert delivered(woken) == [CallCompleted(number=0, result=value("1"))]
        party.run(woken, ended=completed("4"))
        woken = the_only(party.commit(messages=[Resume(instance_id="p")]).claimed)
        news = delivered(woken)
        assert [getattr(each, "number", None) for each in news] == [1, 0, 3]
        assert news[1] == CallCompleted(number=0, result=value("4"))
