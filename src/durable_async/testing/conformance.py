"""The rules of an engine, as tests. Invariant: each test says one sentence about one rule of
`ports.Engine`, and uses nothing but that protocol.

For an engine of your own:

    import pytest
    from durable_async.testing.conformance import EngineConformance

    class TestMyEngine(EngineConformance):
        def make_engine(self, clock, lease):
            return MyEngine(make_an_empty_store(), clock=clock, lease=lease)

        def kill_session(self, engine, session):
            ...     # as if the process of that session had died

`pytest.register_assert_rewrite("durable_async.testing.conformance")` in a conftest.py makes failed
assertions show their values. pytest and hypothesis must be installed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from durable_async.engines.limits import HISTORY_LIMIT, HISTORY_WARNING
from durable_async.errors import (
    DurableError,
    HistoryLimitError,
    InstanceAlreadyExistsError,
    InstanceFinishedError,
    InstanceNotFoundError,
    LeaseLostError,
    StoreError,
)
from durable_async.model.commands import (
    CancelActivity,
    CancelTimer,
    RecordSideEffect,
    StartTimer,
)
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    Delivered,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    TimerFired,
)
from durable_async.model.identity import Caller
from durable_async.model.options import LOST_WORKER_LIMIT, RetryRule
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Batch,
    Created,
    Heartbeat,
    InstanceQuery,
    InstanceRecord,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    added_by,
    completed,
    create,
    delivered,
    event,
    failed,
    failed_with,
    succeeded,
    the_only,
    value,
)
from durable_async.testing.rivals import Rivals, steps

__all__ = ["LEASE", "EngineConformance"]

LEASE = 10.0
"""Seconds, of the engines under test."""

PARENT = Caller("p", "p-1", 0)

RUNNING, BLOCKED = RuntimeStatus.RUNNING, RuntimeStatus.BLOCKED


class EngineConformance:
    """Subclass it, and say how an engine is made and how a session of it dies."""

    def make_engine(self, clock: SettableClock, lease: float) -> Engine:
        """An engine on an empty store of its own; the test opens it. lease: seconds."""
        raise NotImplementedError

    def kill_session(self, engine: Engine, session: str) -> None:
        """As if the process of the session had been killed: from then on the engine knows that it
        is dead, or will at its next commit."""
        raise NotImplementedError

    def reopen(self, engine: Engine) -> Engine:
        """The same store, as a process that starts later finds it."""
        engine.close()
        engine.open()
        return engine

    @pytest.fixture
    def clock(self) -> SettableClock:
        return SettableClock()

    @pytest.fixture
    def engine(self, clock: SettableClock) -> Iterator[Engine]:
        engine = self.make_engine(clock, LEASE)
        engine.open()
        yield engine
        engine.close()

    @pytest.fixture
    def party(self, engine: Engine) -> Party:
        return Party.join(engine)

    def fall_silent(self, clock: SettableClock, *others: Party) -> None:
        """The lease time passes; only the others commit meanwhile."""
        for _ in range(8):
            clock.advance(LEASE / 4)
            for other in others:
                other.commit(claims=False)

    # ---- E1: one transaction, fenced -------------------------------------------------------

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
            with contextlib.closing(self._opened()) as engine:
                receipt = engine.commit(batch)
            is_first = [each not in creates[:place] for place, each in enumerate(creates)]
            assert [isinstance(each, Created) for each in receipt.created] == is_first
            assert [each == 1 for each in receipt.sent] == [each in creates for each in messages]

        check()

    # ---- E2: acknowledged is durable ---------------------------------------------------------

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

    # ---- E3: at least once, and a result once ------------------------------------------------

    def test_e3_an_activity_is_handed_out_until_a_report_ends_it(
        self, engine: Engine, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        assert party.commit().activities == ()  # it is being run
        again = the_only(party.report(task, AttemptReleased()).activities)
        assert (again.attempt, again.input) == (task.attempt, task.input)
        assert again.lease.epoch > task.lease.epoch
        party.report(again, AttemptSucceeded(value()))
        self.kill_session(engine, party.session)
        assert Party.join(engine).commit().activities == ()

    def test_e3_the_work_of_a_dead_session_is_free_at_once(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        party.commit(messages=[event()])
        other = Party.join(engine)
        self.kill_session(engine, party.session)
        receipt = other.commit()
        taken, again = the_only(receipt.claimed), the_only(receipt.activities)
        assert taken.history == other.history()
        assert delivered(taken) == [EventReceived(name="go", data=value())]
        assert again == attrs.evolve(task, lease=attrs.evolve(task.lease, epoch=again.lease.epoch))

    def test_e3_an_instance_that_was_never_run_outlives_its_session(
        self, engine: Engine, party: Party
    ) -> None:
        party.start()
        self.kill_session(engine, party.session)
        taken = the_only(Party.join(engine).commit().claimed)
        assert isinstance(the_only(taken.history or ()), ExecutionStarted)

    def test_e3_an_idle_instance_of_a_dead_session_wakes_elsewhere(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        other = Party.join(engine)
        self.kill_session(engine, party.session)
        assert other.commit().claimed == ()
        taken = the_only(other.commit(messages=[event()]).claimed)
        assert taken.history == other.history()

    def test_e3_a_timer_of_a_dead_session_fires_elsewhere(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=1)
        party.run(party.start(), StartTimer(number=0, due=due))
        self.kill_session(engine, party.session)
        other = Party.join(engine)
        receipt = other.commit()
        assert (receipt.claimed, receipt.next_due) == ((), due)
        clock.advance(1)
        taken = the_only(other.commit().claimed)
        assert delivered(taken) == [TimerFired(number=0)]

    def test_e3_the_work_of_a_silent_session_is_free_after_the_lease_time(
        self, engine: Engine, clock: SettableClock, party: Party
    ) -> None:
        other = Party.join(engine)
        task = the_only(party.run(party.start(), activity(0)).activities)
        clock.advance(LEASE / 2)
        assert other.commit().activities == ()
        self.fall_silent(clock, other)
        assert the_only(other.commit().activities).attempt == task.attempt

    def test_e3_a_session_that_commits_keeps_what_it_holds(
        self, engine: Engine, clock: SettableClock, party: Party
    ) -> None:
        other = Party.join(engine)
        task = the_only(party.run(party.start(), activity(0)).activities)
        for _ in range(10):
            clock.advance(engine.renew_every)
            party.commit(claims=False)
            assert other.commit().activities == ()
        assert party.report(task, AttemptSucceeded(value())).reports == (None,)

    def test_e3_a_session_that_was_silent_may_go_on_with_new_work(
        self, engine: Engine, clock: SettableClock, party: Party
    ) -> None:
        other = Party.join(engine)
        party.run(party.start(), activity(0))
        self.fall_silent(clock, other)
        other.commit()
        assert party.start("new").lease.instance_id == "new"

    def test_e3_an_activity_whose_workers_keep_dying_fails(
        self, engine: Engine, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        for _ in range(LOST_WORKER_LIMIT - 1):
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            receipt = party.commit()
            assert the_only(receipt.activities).attempt == task.attempt
        self.kill_session(engine, party.session)
        party = Party.join(engine)
        receipt = party.commit()
        assert receipt.activities == ()
        (lost,) = delivered(the_only(receipt.claimed))
        assert isinstance(lost, ActivityFailed)
        assert lost.failure.type_name == "durable_async.errors:WorkerLostError"
        assert "durable_async.errors:DurableError" in lost.failure.mro
        assert "step" in lost.failure.message and "'i'" in lost.failure.message

    def test_e3_an_activity_that_must_not_run_twice_fails_when_its_worker_dies(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start(), activity(0, on_lost="fail"))
        self.kill_session(engine, party.session)
        receipt = Party.join(engine).commit()
        assert receipt.activities == ()
        (lost,) = delivered(the_only(receipt.claimed))
        assert isinstance(lost, ActivityFailed)
        assert "on_lost" in lost.failure.message

    def test_e3_closing_a_session_gives_back_everything_and_loses_nothing(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start(), activity(0, on_lost="fail"))
        for _ in range(LOST_WORKER_LIMIT + 1):
            party.commit(messages=[event()])
            engine.close_session(party.session)
            party = Party.join(engine)
            receipt = party.commit()
            assert the_only(receipt.activities).attempt == 1
            assert the_only(receipt.claimed).history == party.history()

    def test_e3_a_failed_attempt_is_retried_after_its_delay_without_history(
        self, party: Party, clock: SettableClock
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        length = len(party.history())
        receipt = party.report(task, AttemptFailed(failed("first"), 2.5))
        due = clock.now() + timedelta(seconds=2.5)
        assert (receipt.reports, receipt.activities, receipt.next_due) == ((None,), (), due)
        waiting = the_only(party.record().activities)
        assert (waiting.attempt, waiting.running, waiting.due_at) == (2, False, due)
        assert waiting.last_failure == failed("first")

        clock.advance(2.4)
        assert party.commit().activities == ()
        clock.advance(0.1)
        again = the_only(party.commit().activities)
        assert (again.attempt, again.scheduled_at) == (2, task.scheduled_at)
        assert len(party.history()) == length
        running = the_only(party.record().activities)
        assert (running.running, running.due_at) == (True, None)

    def test_e3_a_retry_without_delay_begins_in_the_same_commit(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        assert the_only(party.fail(task, 0).activities).attempt == 2

    def test_e3_the_last_failure_is_the_result(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        receipt = party.report(task, AttemptFailed(failed("last"), None))
        assert delivered(the_only(receipt.claimed)) == [
            ActivityFailed(number=0, failure=failed("last"))
        ]
        assert party.record().activities == ()

    def test_e3_no_attempt_begins_after_the_retry_timeout(
        self, party: Party, clock: SettableClock
    ) -> None:
        rule = RetryRule(max_attempts=100, timeout=10)
        task = the_only(party.run(party.start(), activity(0, retry=rule)).activities)
        clock.advance(4)
        party.fail(task, 6)  # at the very end of it
        clock.advance(6)
        task = the_only(party.commit().activities)
        receipt = party.fail(task, 0.001)
        assert isinstance(delivered(the_only(receipt.claimed))[0], ActivityFailed)

    def test_e3_the_next_attempt_is_given_the_details_of_the_last_heartbeat(
        self, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        assert task.heartbeat is None
        beats = [Heartbeat(task.lease, value("1")), Heartbeat(task.lease, value("2"))]
        assert party.commit(heartbeats=beats).heartbeats == (False, False)
        party.commit(heartbeats=[Heartbeat(task.lease, None)])
        assert the_only(party.fail(task, 0).activities).heartbeat == value("2")

    # ---- E3: cancelling activities -----------------------------------------------------------

    def test_e3_a_waiting_activity_that_is_cancelled_is_taken_back(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        party.fail(the_only(party.run(claimed, activity(0)).activities), 60)
        woken = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.run(woken, CancelActivity(number=0))
        assert (receipt.claimed, receipt.cancelled) == ((), ())
        assert party.record().activities == ()
        clock.advance(60)
        assert party.commit().activities == ()

    def test_e3_whoever_waits_for_a_cancelled_activity_hears_of_its_end(self, party: Party) -> None:
        party.fail(the_only(party.run(party.start(), activity(0)).activities), 60)
        woken = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.run(woken, CancelActivity(number=0, wait=True))
        assert delivered(the_only(receipt.claimed)) == [ActivityCancelled(number=0)]

    def test_e3_an_activity_cancelled_in_its_own_episode_never_runs(self, party: Party) -> None:
        receipt = party.run(party.start(), activity(0), activity(1), CancelActivity(number=0))
        assert [task.lease.number for task in receipt.activities] == [1]

    def test_e3_whoever_waits_for_one_cancelled_in_its_own_episode_is_told(
        self, party: Party
    ) -> None:
        receipt = party.run(party.start(), activity(0), CancelActivity(number=0, wait=True))
        assert receipt.activities == ()
        assert delivered(the_only(receipt.claimed)) == [ActivityCancelled(number=0)]

    @pytest.mark.parametrize(
        "end", [AttemptCancelled(), AttemptSucceeded(value()), AttemptFailed(failed(), 1.0)]
    )
    @pytest.mark.parametrize("wait", [False, True])
    def test_e3_a_running_activity_that_is_cancelled_comes_to_nothing(
        self, party: Party, wait: bool, end: AttemptSucceeded
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        woken = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.run(woken, CancelActivity(number=0, wait=wait))
        assert receipt.cancelled == (task.lease,)
        assert party.commit().cancelled == ()  # it was told
        beat = party.commit(heartbeats=[Heartbeat(task.lease, None)])
        assert beat.heartbeats == (True,)

        receipt = party.report(task, end)
        assert receipt.reports == (None,)
        told = [each for claimed in receipt.claimed for each in delivered(claimed)]
        assert told == ([ActivityCancelled(number=0)] if wait else [])
        assert (party.record().activities, party.commit().activities) == ((), ())

    def test_e3_whoever_comes_to_wait_for_a_cancelled_activity_hears_of_its_end(
        self, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        for wait, told in ((False, (task.lease,)), (True, ())):
            woken = the_only(party.commit(messages=[event()]).claimed)
            receipt = party.run(woken, CancelActivity(number=0, wait=wait))
            assert receipt.cancelled == told
        receipt = party.report(task, AttemptCancelled())
        assert delivered(the_only(receipt.claimed)) == [ActivityCancelled(number=0)]

    def test_e3_cancelling_what_has_ended_changes_nothing(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        receipt = party.run(woken, CancelActivity(number=0, wait=True))
        assert (receipt.episodes, receipt.claimed, receipt.cancelled) == ((None,), (), ())

    def test_e3_a_worker_that_stopped_an_attempt_unasked_has_ended_it(self, party: Party) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        receipt = party.report(task, AttemptCancelled())
        assert delivered(the_only(receipt.claimed)) == [ActivityCancelled(number=0)]

    @pytest.mark.parametrize("wait", [False, True])
    def test_e3_a_cancelled_activity_does_not_outlive_its_worker(
        self, engine: Engine, party: Party, wait: bool
    ) -> None:
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, max_instances=0))
        party.claim = attrs.evolve(EVERYTHING, max_activities=0)
        party.run(party.start(), activity(0))
        the_only(other.commit().activities)
        woken = the_only(party.commit(messages=[event()]).claimed)
        party.run(woken, CancelActivity(number=0, wait=wait))
        self.kill_session(engine, other.session)
        receipt = party.commit()
        told = [each for claimed in receipt.claimed for each in delivered(claimed)]
        assert told == ([ActivityCancelled(number=0)] if wait else [])
        assert (receipt.activities, party.record().activities) == ((), ())

    def test_e3_another_session_is_told_at_its_next_commit(
        self, engine: Engine, party: Party
    ) -> None:
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, max_instances=0))
        party.claim = attrs.evolve(EVERYTHING, max_activities=0)
        party.run(party.start(), activity(0))
        task = the_only(other.commit().activities)
        woken = the_only(party.commit(messages=[event()]).claimed)
        assert party.run(woken, CancelActivity(number=0)).cancelled == ()
        assert other.commit().cancelled == (task.lease,)

    def test_e3_nothing_of_an_ended_execution_goes_on(
        self, party: Party, clock: SettableClock
    ) -> None:
        claimed = party.start()
        due = clock.now() + timedelta(seconds=1)
        receipt = party.run(claimed, activity(0), activity(1), StartTimer(number=2, due=due))
        running, waiting = receipt.activities
        party.fail(waiting, 1)
        woken = the_only(party.commit(messages=[event()]).claimed)
        party.commit(messages=[event()])  # comes too late
        receipt = party.run(woken, ended=completed())
        assert receipt.cancelled == (running.lease,)
        assert party.record().activities == ()
        clock.advance(1)
        receipt = party.report(running, AttemptSucceeded(value()))
        assert receipt.reports == (None,)
        assert (receipt.claimed, receipt.activities, receipt.next_due) == ((), (), None)

    def test_e3_an_activity_of_a_replaced_execution_never_reaches_the_new_one(
        self, party: Party
    ) -> None:
        claimed = party.start()
        task = the_only(party.run(claimed, activity(0)).activities)
        party.commit(messages=[Terminate(instance_id="i", reason="")])
        new = party.start(execution_id="i-2", if_exists="replace")
        receipt = party.run(new, activity(0))
        assert the_only(receipt.activities).lease.execution_id == "i-2"
        receipt = party.report(task, AttemptSucceeded(value("old")))
        assert (receipt.reports, receipt.claimed) == ((None,), ())

    # ---- E4: the engine's clock --------------------------------------------------------------

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

    # ---- E5: batches and limits --------------------------------------------------------------

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

    # ---- E6: handed out in the same commit ---------------------------------------------------

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

    # ---- E8: left for others -----------------------------------------------------------------

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

    # ---- blocked instances -------------------------------------------------------------------

    def test_a_blocked_episode_leaves_history_and_news_as_they_were(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event()]).claimed)
        history = party.history()
        clock.advance(1)
        receipt = party.block(woken, "line 7 differs")
        assert (receipt.episodes, receipt.claimed, receipt.ended) == ((None,), (), ())
        record = party.record()
        assert (record.status, record.blocked) == (BLOCKED, "mismatch: line 7 differs")
        assert (party.history(), record.updated_at) == (history, clock.now())

    def test_a_blocked_instance_is_tried_once_by_each_other_set_of_definitions(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        party.block(the_only(party.commit(messages=[event(data=value("1"))]).claimed))
        assert party.commit(messages=[event(data=value("2"))]).claimed == ()
        same = Party.join(engine)
        assert same.commit().claimed == ()

        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        tried = the_only(other.commit().claimed)
        assert tried.history == other.history()
        assert [each.data for each in delivered(tried) if isinstance(each, EventReceived)] == [
            value("1"), value("2"),
        ]  # fmt: skip
        other.block(tried)
        assert other.commit().claimed == ()
        assert party.commit().claimed == same.commit().claimed == ()  # not in turns, for ever
        third = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="newer"))
        tried = the_only(third.commit().claimed)
        third.run(tried)
        record = party.record()
        assert (record.status, record.blocked) == (RUNNING, None)

        third.block(the_only(third.commit(messages=[event()]).claimed))
        the_only(party.commit().claimed)  # it had gone on: whoever failed before may try again

    def test_a_blocked_instance_can_be_terminated(self, party: Party) -> None:
        party.block(party.start())
        receipt = party.commit(messages=[Terminate(instance_id="i", reason="enough")])
        assert receipt.ended == ("i",)
        record = party.record()
        assert (record.status, record.blocked) == (RuntimeStatus.TERMINATED, None)

    def test_results_that_woke_a_blocked_episode_can_still_be_reported(
        self, engine: Engine, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        again = the_only(party.commit(messages=[event()]).claimed)
        party.block(again)
        receipt = party.report(task, AttemptSucceeded(value("1")))
        assert (receipt.reports, receipt.claimed) == ((None,), ())
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        tried = the_only(other.commit().claimed)
        assert ActivityCompleted(number=0, result=value("1")) in delivered(tried)

    def test_the_timers_of_a_blocked_instance_wait(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=5)
        party.run(party.start(), StartTimer(number=0, due=due))
        party.block(the_only(party.commit(messages=[event()]).claimed))
        clock.advance(5)
        assert party.commit().claimed == ()
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        assert TimerFired(number=0) in delivered(the_only(other.commit().claimed))

    # ---- what clients ask --------------------------------------------------------------------

    def test_an_id_that_is_taken_is_refused_until_it_is_purged(self, party: Party) -> None:
        party.run(party.start(), ended=completed())
        receipt = party.commit(creates=[create(execution_id="i-2")])
        error = the_only(receipt.created)
        assert isinstance(error, InstanceAlreadyExistsError)
        assert "'i'" in str(error) and "COMPLETED" in str(error)

    @pytest.mark.parametrize("is_live", [True, False])
    def test_attaching_joins_what_is_there(self, party: Party, is_live: bool) -> None:
        party.run(party.start(), ended=None if is_live else completed())
        asked = create(execution_id="i-2", if_exists="attach", input=value("[9]"))
        receipt = party.commit(creates=[asked])
        assert receipt.created == (Created(instance_id="i", execution_id="i-1", fresh=False),)
        assert receipt.claimed == ()
        assert party.record().input == value("[]")

    def test_attaching_to_another_orchestrator_is_refused_naming_both(self, party: Party) -> None:
        party.start()
        asked = create(execution_id="i-2", name="stream", if_exists="attach")
        error = the_only(party.commit(creates=[asked]).created)
        assert isinstance(error, InstanceAlreadyExistsError)
        assert "'flow'" in str(error) and "'stream'" in str(error)

    def test_replacing_a_live_instance_is_refused(self, party: Party) -> None:
        party.start()
        asked = create(execution_id="i-2", if_exists="replace")
        assert isinstance(
            the_only(party.commit(creates=[asked]).created), InstanceAlreadyExistsError
        )

    def test_replacing_an_ended_instance_leaves_nothing_of_it(self, party: Party) -> None:
        claimed = party.start(tags={"old": "1"})
        party.commit(messages=[event(key="k")])
        party.run(claimed, custom_status=value("1"), ended=failed_with())
        asked = create(execution_id="i-2", name="flow", input=value("[2]"), if_exists="replace")
        receipt = party.commit(creates=[asked], messages=[event(key="k")])
        claimed = the_only(receipt.claimed)
        assert len(claimed.history or ()) == len(claimed.news) == 1
        record = party.record()
        assert (record.execution_id, record.input) == ("i-2", value("[2]"))
        assert record.status is RuntimeStatus.PENDING
        assert (record.failure, record.custom_status, record.tags) == (None, None, {})
        assert party.engine.count(InstanceQuery(tags={"old": "1"})) == 0
        assert party.engine.count(InstanceQuery()) == 1

    def test_of_two_starts_of_one_id_one_wins(self, party: Party) -> None:
        asked = [create(execution_id="a"), create(execution_id="b")]
        receipt = party.commit(creates=asked)
        assert isinstance(receipt.created[0], Created)
        assert isinstance(receipt.created[1], InstanceAlreadyExistsError)
        assert the_only(receipt.claimed).lease.execution_id == "a"

    @pytest.mark.parametrize("message", [event(), Terminate(instance_id="i", reason="")])
    def test_messages_need_a_live_instance(self, party: Party, message: Terminate) -> None:
        error = the_only(party.commit(messages=[message]).sent)
        assert isinstance(error, InstanceNotFoundError)
        assert "'i'" in str(error)
        party.run(party.start(), ended=completed())
        error = the_only(party.commit(messages=[message]).sent)
        assert isinstance(error, InstanceFinishedError)
        assert "COMPLETED" in str(error)

    def test_terminating_twice_in_one_batch_ends_it_once(self, party: Party) -> None:
        party.start()
        stop = Terminate(instance_id="i", reason="x")
        receipt = party.commit(messages=[stop, stop])
        assert receipt.sent[0] == 1
        assert isinstance(receipt.sent[1], InstanceFinishedError)
        assert (receipt.ended, receipt.claimed) == (("i",), ())

    def test_what_is_terminated_as_it_starts_never_runs(self, party: Party) -> None:
        receipt = party.commit(creates=[create()], messages=[Terminate(instance_id="i", reason="")])
        assert (receipt.sent, receipt.claimed, receipt.ended) == ((1,), (), ("i",))

    def test_a_key_is_delivered_once_for_each_instance(self, party: Party) -> None:
        party.commit(creates=[create("i"), create("j")], claims=False)
        twice = [event("i", key="k", data=value("1")), event("i", key="k", data=value("2"))]
        receipt = party.commit(messages=[*twice, event("j", key="k")])
        assert receipt.sent == (1, 0, 1)
        assert {each.lease.instance_id: len(each.news) for each in receipt.claimed} == {
            "i": 1,
            "j": 1,
        }
        claimed = next(each for each in receipt.claimed if each.lease.instance_id == "i")
        party.run(claimed)
        receipt = party.commit(messages=[event("i", key="k", data=value("3"))])
        assert (receipt.sent, receipt.claimed) == ((0,), ())

    def test_texts_and_payloads_come_back_as_they_were(self, party: Party) -> None:
        odd = "\u00e4 \U0001f600 'quoted\" -- ; % _ \\"
        data = attrs.evolve(value(), data=bytes(range(256)), encoding=odd)
        claimed = party.start(odd, input=data, tags={odd: odd})
        woken = party.commit(messages=[event(odd, name=odd, data=data, key=odd)])
        assert woken.sent == (1,)
        woken = party.run(claimed, custom_status=data)
        assert delivered(the_only(woken.claimed)) == [EventReceived(name=odd, data=data, key=odd)]
        record = party.record(odd)
        assert (record.input, record.custom_status, record.tags) == (data, data, {odd: odd})
        assert party.engine.count(InstanceQuery(id_prefix=odd[:5], tags={odd: odd})) == 1

    @pytest.mark.parametrize("lone", ["\ud800", "a\udfff"])
    def test_text_that_cannot_be_stored_is_refused_by_itself(self, party: Party, lone: str) -> None:
        receipt = party.commit(
            creates=[create(lone), create("x", tags={lone: ""}), create("good")],
            messages=[event("good", name=lone), event(lone), event("good", key=lone)],
        )
        assert [isinstance(each, DurableError) for each in receipt.created] == [True, True, False]
        assert all(isinstance(each, DurableError) for each in receipt.sent)
        assert party.engine.records((lone, "x")) == (None, None)
        assert the_only(receipt.claimed).news == ()
        assert party.engine.count(InstanceQuery(id_prefix=lone)) == 0

    # ---- limits ------------------------------------------------------------------------------

    def test_a_long_history_is_warned_of_and_a_longer_one_fails(
        self, party: Party, caplog: pytest.LogCaptureFixture
    ) -> None:
        claimed = party.start()
        many = [RecordSideEffect(number=n, name="f") for n in range(HISTORY_WARNING)]
        with caplog.at_level(logging.WARNING, "durable_async.engines"):
            party.run(claimed, *many)
        assert "over several instances" in caplog.text
        rest = [RecordSideEffect(number=n, name="f") for n in range(HISTORY_LIMIT)]
        woken = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.run(woken, *rest)
        error = the_only(receipt.episodes)
        assert isinstance(error, HistoryLimitError)
        assert receipt.ended == ("i",)
        record = party.record()
        assert record.status is RuntimeStatus.FAILED
        assert record.failure is not None
        assert record.failure.type_name == "durable_async.errors:HistoryLimitError"
        assert "over several instances" in record.failure.message
        assert len(party.history()) == record.history_length < HISTORY_LIMIT

    # ---- reading -----------------------------------------------------------------------------

    def test_records_stand_at_the_place_of_their_ids(self, party: Party) -> None:
        party.commit(creates=[create("a"), create("b")])
        found = party.engine.records(("b", "nobody", "a", "b"))
        assert [each and each.instance_id for each in found] == ["b", None, "a", "b"]

    def test_a_record_says_what_was_asked_for(self, party: Party, clock: SettableClock) -> None:
        party.start(version=None, input=value("[1]"), tags={"k": "v"}, parent=PARENT)
        assert party.record() == InstanceRecord(
            instance_id="i",
            execution_id="i-1",
            name="flow",
            version=None,
            status=RuntimeStatus.PENDING,
            custom_status=None,
            input=value("[1]"),
            output=None,
            failure=None,
            created_at=clock.now(),
            updated_at=clock.now(),
            completed_at=None,
            parent_id="p",
            tags={"k": "v"},
            history_length=1,
            idle=False,
            blocked=None,
        )

    def test_a_record_says_whether_the_instance_is_idle(self, party: Party) -> None:
        party.run(party.start(), idle=True)
        assert party.record().idle
        party.run(the_only(party.commit(messages=[event()]).claimed))
        assert not party.record().idle

    def test_the_history_of_nobody_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(InstanceNotFoundError, match="'nobody'"):
            engine.history("nobody")

    def test_a_place_in_a_list_that_is_none_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(StoreError, match="next"):
            engine.page(InstanceQuery(after="rubbish"))

    def test_pages_show_the_newest_first(self, party: Party, clock: SettableClock) -> None:
        for names in ("ab", "c", "de"):
            party.commit(creates=[create(name) for name in names])
            clock.advance(1)
        pages = list(self.pages(party.engine, InstanceQuery(limit=2)))
        assert [[each.instance_id for each in page] for page in pages] == [
            ["e", "d"], ["c", "b"], ["a"],
        ]  # fmt: skip

    def test_pages_miss_nothing_that_was_there_all_the_time(
        self, party: Party, clock: SettableClock
    ) -> None:
        names = [f"i{number}" for number in range(7)]
        for name in names:
            party.run(party.start(name))
        seen: list[str] = []
        for page in self.pages(party.engine, InstanceQuery(limit=2)):
            seen += [each.instance_id for each in page]
            clock.advance(1)
            party.commit(
                creates=[create(f"new{len(seen)}")],
                messages=[Terminate(instance_id=names[len(seen) - 1], reason="")],
            )
        assert seen == names[::-1]

    def test_pages_and_counts_show_exactly_what_matches(self) -> None:
        @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
        @given(st.data())
        def check(data: st.DataObject) -> None:
            clock = SettableClock()
            with contextlib.closing(self._opened(clock)) as engine:
                party = Party.join(engine, claim=attrs.evolve(EVERYTHING, orchestrators=FLOWS))
                for fields in data.draw(st.lists(_instances, max_size=12)):
                    clock.advance(data.draw(st.integers(0, 2)))
                    _grow(party, *fields)
                everyone = [each for page in self.pages(engine, InstanceQuery()) for each in page]
                for _ in range(3):
                    query = data.draw(_queries(clock))
                    expected = [each for each in everyone if _matches(query, each)]
                    shown = [each for page in self.pages(engine, query) for each in page]
                    assert shown == expected
                    assert engine.count(query) == len(expected)

        check()

    def pages(self, engine: Engine, query: InstanceQuery) -> Iterator[tuple[InstanceRecord, ...]]:
        while True:
            page = engine.page(query)
            assert len(page.records) <= query.limit
            yield page.records
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    # ---- as the reference does ---------------------------------------------------------------

    def test_any_engine_answers_as_the_reference_does(self) -> None:
        @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(steps(), max_size=25))
        def check(plan: list[tuple[int, ...]]) -> None:
            clock = SettableClock()
            engine = self.make_engine(clock, FOR_EVER)
            with contextlib.closing(Rivals(clock, engine, self.kill_session)) as rivals:
                for step in plan:
                    rivals.take(step)

        check()

    def _opened(self, clock: SettableClock | None = None) -> Engine:
        engine = self.make_engine(clock or SettableClock(), LEASE)
        engine.open()
        return engine


def _label(news: Delivered) -> str | int | None:
    return news.name if isinstance(news, EventReceived) else getattr(news, "number", None)


# ---- populations ---------------------------------------------------------------------------

FOR_EVER = 1e9
"""A lease time, in seconds, that no test waits for."""

FLOWS = frozenset({("flow", None), ("flow", "2"), ("stream", None)})

_tags = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
_prefixes = st.sampled_from(["order-", "order_", "Order-", "\ud7ff", "\U0010ffff", "z"])
_instances = st.tuples(
    _prefixes, st.sampled_from(sorted(FLOWS, key=str)), _tags, st.sampled_from("prbcft")
)


def _grow(
    party: Party,
    prefix: str,
    definition: tuple[str, str | None],
    tags: dict[str, str],
    fate: str,
) -> None:
    """One more instance, brought to some status."""
    name, version = definition
    instance_id = f"{prefix}{party.engine.count(InstanceQuery())}"
    asked = create(instance_id, name=name, version=version, tags=tags)
    claimed = the_only(party.commit(creates=[asked]).claimed)
    match fate:
        case "r":
            party.run(claimed)
        case "b":
            party.block(claimed)
        case "c":
            party.run(claimed, ended=completed())
        case "f":
            party.run(claimed, ended=failed_with())
        case "t":
            party.commit(messages=[Terminate(instance_id=instance_id, reason="")])
        case _:
            assert fate == "p"


def _queries(clock: SettableClock) -> st.SearchStrategy[InstanceQuery]:
    moments = st.integers(-2, 24).map(lambda seconds: clock.now() - timedelta(seconds=seconds))
    return st.builds(
        InstanceQuery,
        status=st.none() | st.frozensets(st.sampled_from(list(RuntimeStatus)), max_size=4),
        name=st.none() | st.sampled_from(["flow", "stream", "none"]),
        id_prefix=st.none() | _prefixes | st.sampled_from(["", "order", "o"]),
        tags=_tags,
        created_after=st.none() | moments,
        created_before=st.none() | moments,
        limit=st.integers(1, 5),
    )


def _matches(query: InstanceQuery, record: InstanceRecord) -> bool:
    return all(
        (
            query.status is None or record.status in query.status,
            query.name in (None, record.name),
            record.instance_id.startswith(query.id_prefix or ""),
            query.tags.items() <= record.tags.items(),
            query.created_after is None or record.created_at > query.created_after,
            query.created_before is None or record.created_at < query.created_before,
        )
    )
