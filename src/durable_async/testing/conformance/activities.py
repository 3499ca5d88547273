"""Activities (E3). Invariant: an attempt is begun until a report ends the activity, never after."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from durable_async.model.commands import (
    CancelActivity,
    StartTimer,
)
from durable_async.model.history import (
    ActivityCancelled,
    ActivityFailed,
    EventReceived,
    ExecutionStarted,
    TimerFired,
)
from durable_async.model.options import LOST_WORKER_LIMIT, RetryRule
from durable_async.model.work import (
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Heartbeat,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import LEASE, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    completed,
    delivered,
    event,
    failed,
    the_only,
    value,
)

__all__ = ["ActivityRules"]


class ActivityRules(Conformance):
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

    @pytest.mark.parametrize(("delay", "timeout"), [(1e14, None), (0, 1e14), (1e14, 1e14)])
    def test_e3_a_delay_and_a_retry_timeout_may_be_longer_than_the_calendar(
        self, party: Party, delay: float, timeout: float | None
    ) -> None:
        rule = RetryRule(max_attempts=2, timeout=timeout)
        task = the_only(party.run(party.start(), activity(0, retry=rule)).activities)
        assert party.fail(task, delay).reports == (None,)
        assert the_only(party.record().activities).attempt == 2

    def test_e3_the_next_attempt_is_given_the_details_of_the_last_heartbeat(
        self, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        assert task.heartbeat is None
        beats = [Heartbeat(task.lease, value("1")), Heartbeat(task.lease, value("2"))]
        assert party.commit(heartbeats=beats).heartbeats == (False, False)
        party.commit(heartbeats=[Heartbeat(task.lease, None)])
        assert the_only(party.fail(task, 0).activities).heartbeat == value("2")

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
