"""Cancelling, suspending and resuming (E13). Invariant: code that has begun decides how it ends;
what is suspended loses nothing."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from durable_async.errors import (
    InstanceFinishedError,
    InstanceNotFoundError,
    LeaseLostError,
)
from durable_async.model.commands import SendCancel, StartTimer
from durable_async.model.history import (
    ActivityCompleted,
    CancelRequested,
    EventReceived,
    ExecutionCancelled,
    TimerFired,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptSucceeded,
    Cancel,
    InstanceQuery,
    Message,
    Purge,
    Resume,
    Suspend,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance, status_of
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    completed,
    create,
    delivered,
    event,
    the_only,
    value,
)

__all__ = ["CancelRules"]

CANCEL = Cancel(instance_id="i", reason="changed my mind")
SUSPEND = Suspend(instance_id="i", reason="maintenance")
RESUME = Resume(instance_id="i")


class CancelRules(Conformance):
    # ---- cancel ------------------------------------------------------------------------------

    def test_e13_each_cancel_is_news_for_code_that_has_begun(self, party: Party) -> None:
        party.run(party.start())
        receipt = party.commit(messages=[CANCEL, Cancel(instance_id="i", reason="again")])
        assert (receipt.sent, receipt.ended) == ((1, 1), ())
        assert delivered(the_only(receipt.claimed)) == [
            CancelRequested(reason="changed my mind"),
            CancelRequested(reason="again"),
        ]
        assert status_of(party) is RuntimeStatus.RUNNING

    def test_e13_code_that_ends_cancelled_is_cancelled(self, party: Party) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[CANCEL]).claimed)
        receipt = party.run(woken, ended=ExecutionCancelled(reason="changed my mind"))
        assert receipt.ended == ("i",)
        record = party.record()
        assert (record.status, record.output, record.failure) == (
            RuntimeStatus.CANCELLED, None, None,
        )  # fmt: skip
        assert record.completed_at == receipt.now

    @pytest.mark.parametrize("in_hand", [False, True])
    def test_e13_what_has_not_begun_ends_and_no_code_runs(
        self, engine: Engine, party: Party, in_hand: bool
    ) -> None:
        claimed = party.start()
        if not in_hand:
            party.commit(claims=False, releases=[claimed.lease])
        receipt = party.commit(
            messages=[CANCEL], episodes=[party.episode(claimed, ended=completed())]
        )
        assert (receipt.ended, receipt.claimed) == (("i",), ())
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert party.history()[-1] == ExecutionCancelled(reason="changed my mind")
        assert status_of(party) is RuntimeStatus.CANCELLED

    def test_e13_what_is_to_start_later_is_cancelled_at_once(
        self, party: Party, clock: SettableClock
    ) -> None:
        start_at = clock.now() + timedelta(days=1)
        receipt = party.commit(creates=[create(start_at=start_at)], messages=[CANCEL])
        assert receipt.ended == ("i",)
        clock.advance(90_000)
        assert party.commit().claimed == ()

    def test_e13_a_blocked_instance_that_is_cancelled_ends_and_no_code_runs(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        party.block(the_only(party.commit(messages=[event()]).claimed))
        receipt = party.commit(messages=[CANCEL])
        assert receipt.ended == ("i",)
        record = party.record()
        assert (record.status, record.blocked) == (RuntimeStatus.CANCELLED, None)
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        assert other.commit().claimed == ()

    def test_e13_a_cancel_reaches_code_that_runs_right_now_afterwards(self, party: Party) -> None:
        party.run(party.start())
        claimed = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.commit(messages=[CANCEL], episodes=[party.episode(claimed)])
        assert receipt.episodes == (None,)
        assert delivered(the_only(receipt.claimed)) == [CancelRequested(reason=CANCEL.reason)]

    @pytest.mark.parametrize("message", [CANCEL, SUSPEND, RESUME])
    def test_e13_operators_need_a_live_instance(self, party: Party, message: Cancel) -> None:
        error = the_only(party.commit(messages=[message]).sent)
        assert isinstance(error, InstanceNotFoundError)
        party.run(party.start(), ended=completed())
        error = the_only(party.commit(messages=[message]).sent)
        assert isinstance(error, InstanceFinishedError)

    def test_e10_an_execution_may_ask_another_one_to_cancel(self, party: Party) -> None:
        party.run(party.start("a"))
        fresh = party.start("fresh")
        sends = [
            SendCancel(number=number, instance_id=name, reason="please")
            for number, name in enumerate(["a", "fresh", "nobody"])
        ]
        receipt = party.run(party.start("b"), *sends)
        assert receipt.episodes == (None,)
        assert delivered(the_only(receipt.claimed)) == [CancelRequested(reason="please")]
        assert receipt.ended == ("fresh",)
        assert isinstance(the_only(party.run(fresh).episodes), LeaseLostError)

    # ---- suspend -----------------------------------------------------------------------------

    def test_e13_what_is_suspended_is_not_handed_out_and_says_why(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        clock.advance(1)
        receipt = party.commit(messages=[SUSPEND, event()])
        assert (receipt.sent, receipt.claimed, receipt.next_due) == ((1, 1), (), None)
        record = party.record()
        assert (record.status, record.suspended) == (RuntimeStatus.SUSPENDED, "maintenance")
        assert record.updated_at == clock.now()
        suspended = InstanceQuery(status=frozenset({RuntimeStatus.SUSPENDED}))
        assert party.engine.count(suspended) == 1
        running = InstanceQuery(status=frozenset({RuntimeStatus.RUNNING}))
        assert party.engine.count(running) == 0

    def test_e13_an_episode_that_runs_as_it_is_suspended_is_refused(self, party: Party) -> None:
        party.run(party.start())
        claimed = the_only(party.commit(messages=[event()]).claimed)
        history = party.history()
        receipt = party.commit(messages=[SUSPEND], episodes=[party.episode(claimed)])
        assert isinstance(the_only(receipt.episodes), LeaseLostError)
        assert party.history() == history
        woken = the_only(party.commit(messages=[RESUME]).claimed)
        assert woken.history == history
        assert delivered(woken) == delivered(claimed)  # nothing was lost
        assert party.run(woken).episodes == (None,)

    @pytest.mark.parametrize(
        ("messages", "became"),
        [
            ((Terminate(instance_id="i", reason=""),), "was terminated"),
            ((SUSPEND,), "was suspended"),
            ((Terminate(instance_id="i", reason=""), Purge(instance_id="i")), "was purged"),
            ((SUSPEND, RESUME), ""),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )
    def test_e1_a_lease_that_an_operator_ended_is_refused_with_what_became_of_it(
        self, party: Party, messages: tuple[Message, ...], became: str
    ) -> None:
        party.run(party.start())
        claimed = the_only(party.commit(messages=[event()]).claimed)
        receipt = party.commit(messages=messages, episodes=[party.episode(claimed)])
        error = the_only(receipt.episodes)
        assert isinstance(error, LeaseLostError)
        assert error.became == became

    def test_e13_activities_of_a_suspended_instance_go_on_and_their_results_wait(
        self, party: Party, clock: SettableClock
    ) -> None:
        receipt = party.run(party.start(), activity(0), activity(1))
        first, second = receipt.activities
        party.fail(second, 1)
        party.commit(messages=[SUSPEND])
        clock.advance(1)
        again = the_only(party.commit().activities)
        assert again.attempt == 2
        receipt = party.report(first, AttemptSucceeded(value("1")))
        assert (receipt.reports, receipt.claimed) == ((None,), ())
        assert party.report(again, AttemptSucceeded(value("2"))).claimed == ()
        woken = the_only(party.commit(messages=[RESUME]).claimed)
        assert delivered(woken) == [
            ActivityCompleted(number=0, result=value("1")),
            ActivityCompleted(number=1, result=value("2")),
        ]

    def test_e13_what_came_while_it_was_suspended_is_delivered_in_order(
        self, party: Party, clock: SettableClock
    ) -> None:
        timers = [
            StartTimer(number=number, due=clock.now() + timedelta(seconds=due))
            for number, due in [(0, 30), (1, 10)]
        ]
        party.run(party.start(), *timers)
        party.commit(messages=[SUSPEND])
        clock.advance(20)
        party.commit(messages=[event()])
        clock.advance(3_600)
        assert party.commit().claimed == ()
        woken = the_only(party.commit(messages=[RESUME]).claimed)
        assert delivered(woken) == [
            TimerFired(number=1),
            EventReceived(name="go", data=value()),
            TimerFired(number=0),
        ]

    def test_e13_suspending_or_resuming_twice_changes_nothing(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        assert party.commit(messages=[RESUME]).sent == (1,)
        party.commit(messages=[SUSPEND])
        before = party.record()
        clock.advance(1)
        again = Suspend(instance_id="i", reason="another")
        assert party.commit(messages=[again]).sent == (1,)
        assert party.record() == before
        assert party.commit(messages=[RESUME, RESUME]).sent == (1, 1)
        assert (status_of(party), party.record().suspended) == (RuntimeStatus.RUNNING, None)

    def test_e13_what_is_resumed_is_what_it_was(self, engine: Engine, party: Party) -> None:
        receipt = party.commit(creates=[create("new")], messages=[Suspend(instance_id="new")])
        assert receipt.claimed == ()
        assert status_of(party, "new") is RuntimeStatus.SUSPENDED
        claimed = the_only(party.commit(messages=[Resume(instance_id="new")]).claimed)
        assert status_of(party, "new") is RuntimeStatus.PENDING
        party.run(claimed)

        party.run(party.start())
        party.block(the_only(party.commit(messages=[event()]).claimed))
        party.commit(messages=[SUSPEND])
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        assert other.commit().claimed == ()
        assert party.commit(messages=[RESUME]).claimed == ()
        record = party.record()
        assert (record.status, record.blocked) == (
            RuntimeStatus.BLOCKED, "mismatch: changed",
        )  # fmt: skip
        assert the_only(other.commit().claimed).history == party.history()

    def test_e13_what_is_suspended_stays_so_when_its_worker_dies(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        party.commit(messages=[event()])
        party.commit(messages=[SUSPEND])
        self.kill_session(engine, party.session)
        other = Party.join(engine)
        assert other.commit().claimed == ()
        assert the_only(other.commit(messages=[RESUME]).claimed).news

    def test_e13_a_cancel_resumes(self, party: Party) -> None:
        party.run(party.start())
        party.commit(messages=[SUSPEND])
        woken = the_only(party.commit(messages=[CANCEL]).claimed)
        assert delivered(woken) == [CancelRequested(reason=CANCEL.reason)]
        assert (status_of(party), party.record().suspended) == (RuntimeStatus.RUNNING, None)

    def test_e13_what_is_suspended_before_it_has_begun_ends_when_it_is_cancelled(
        self, party: Party
    ) -> None:
        party.commit(creates=[create()], messages=[SUSPEND])
        receipt = party.commit(messages=[CANCEL])
        assert receipt.ended == ("i",)
        assert status_of(party) is RuntimeStatus.CANCELLED

    def test_e13_what_is_suspended_can_be_terminated(self, party: Party) -> None:
        party.run(party.start())
        party.commit(messages=[SUSPEND])
        receipt = party.commit(messages=[Terminate(instance_id="i", reason="")])
        assert receipt.ended == ("i",)
        record = party.record()
        assert (record.status, record.suspended) == (RuntimeStatus.TERMINATED, None)
