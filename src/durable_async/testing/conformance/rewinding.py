"""Rewinding, and what is gone for good. Invariant: a failed instance goes on from before its
failure, and whatever had been done before is not done again.

Where that is, and what is done anew, is for `core.rewind` to say; these tests look at the rest.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from durable_async.errors import (
    InstanceNotFoundError,
    InvalidStateError,
    LeaseLostError,
)
from durable_async.model.commands import ReleaseLock, RequestLock, StartInstance, StartTimer
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    CallCompleted,
    EventReceived,
    ExecutionCancelled,
    ExecutionFailed,
    TimerFired,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptSucceeded,
    Cancel,
    InstanceQuery,
    Purge,
    Rewind,
    Terminate,
)
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
    counter,
    create,
    delivered,
    event,
    failed,
    failed_with,
    succeeded,
    the_only,
    value,
)

__all__ = ["RewindRules"]

REWIND = Rewind(instance_id="i", reason="mended")


def failing(cut: int, *, own: bool = False) -> ExecutionFailed:
    """cut: how many events stand before the one that brought it about. own: the code failed by
    itself in the step of that event."""
    return ExecutionFailed(failure=failed(), cut=cut, own=own)


class RewindRules(Conformance):
    def rewind(self, party: Party, instance_id: str = "i") -> int:
        """Its history's length, as a worker that takes it will find it."""
        receipt = party.commit(claims=False, messages=[Rewind(instance_id=instance_id)])
        assert receipt.sent == (1,)
        return len(party.history(instance_id))

    def fail_by_activity(self, party: Party) -> None:
        """ExecutionStarted, EpisodeStarted, ActivityScheduled twice; EpisodeStarted, one that has
        completed; EpisodeStarted, the other one that has failed, and with it the instance."""
        receipt = party.run(party.start(), activity(0), activity(1))
        good, bad = receipt.activities
        party.run(the_only(party.report(good, AttemptSucceeded(value("1"))).claimed))
        woken = the_only(party.fail(bad).claimed)
        party.run(woken, ended=failing(7))

    def test_a_failed_instance_goes_on_from_before_its_failure(
        self, party: Party, clock: SettableClock
    ) -> None:
        self.fail_by_activity(party)
        past = party.history()
        clock.advance(5)
        receipt = party.commit(messages=[REWIND])
        assert receipt.sent == (1,)
        assert party.history() == past[:7]
        record = party.record()
        assert (record.status, record.execution_id) == (RuntimeStatus.RUNNING, "i-1")
        assert (record.completed_at, record.failure) == (None, None)
        assert (record.updated_at, record.history_length) == (clock.now(), 7)

        # The one that had completed does not run again.
        task = the_only(receipt.activities)
        assert (task.lease.number, task.attempt) == (1, 1)
        woken = the_only(party.report(task, AttemptSucceeded(value("2"))).claimed)
        assert woken.history == past[:7]
        assert delivered(woken) == [ActivityCompleted(number=1, result=value("2"))]
        assert party.run(woken, ended=completed()).ended == ("i",)

    def test_rewinding_may_be_repeated(self, party: Party) -> None:
        self.fail_by_activity(party)
        for _ in range(3):
            task = the_only(party.commit(messages=[REWIND]).activities)
            woken = the_only(party.fail(task).claimed)
            party.run(woken, ended=failing(7))
            assert status_of(party) is RuntimeStatus.FAILED
        assert len(party.history()) == 10

    def test_a_report_from_before_the_rewind_is_refused(self, party: Party) -> None:
        receipt = party.run(party.start(), activity(0))
        task = the_only(receipt.activities)
        woken = the_only(party.fail(task).claimed)
        party.run(woken, ended=failing(3))
        again = the_only(party.commit(messages=[REWIND]).activities)
        assert again.lease != task.lease
        late = party.report(task, AttemptSucceeded(value('"old"')))
        assert isinstance(the_only(late.reports), LeaseLostError)
        assert party.report(again, AttemptSucceeded(value())).reports == (None,)

    def test_an_attempt_that_outlived_the_failure_is_not_that_of_the_rewound(
        self, party: Party
    ) -> None:
        receipt = party.run(party.start(), activity(0), activity(1))
        slow, bad = receipt.activities
        woken = the_only(party.fail(bad).claimed)
        assert party.run(woken, ended=failing(4)).cancelled == (slow.lease,)
        receipt = party.commit(messages=[REWIND])
        assert sorted(task.lease.number for task in receipt.activities) == [0, 1]
        receipt = party.report(slow, AttemptSucceeded(value('"old"')))
        assert (receipt.reports, receipt.claimed) == ((None,), ())
        assert len(party.record().activities) == 2

    def test_code_that_failed_by_itself_is_woken_again_with_the_same(self, party: Party) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event(data=value("1"))]).claimed)
        party.run(woken, ended=failing(3, own=True))
        party.commit(claims=False, messages=[REWIND])
        woken = the_only(party.commit().claimed)
        assert delivered(woken) == [EventReceived(name="go", data=value("1"))]
        assert len(woken.history or ()) == 3

    def test_code_that_failed_in_its_first_step_begins_again(self, party: Party) -> None:
        party.run(party.start(), ended=failing(1, own=True))
        claimed = the_only(party.commit(messages=[REWIND]).claimed)
        assert len(claimed.history or ()) == 1
        assert party.run(claimed, ended=completed()).ended == ("i",)

    def test_timers_that_were_open_are_set_again(self, party: Party, clock: SettableClock) -> None:
        due = clock.now() + timedelta(seconds=60)
        receipt = party.run(party.start(), StartTimer(number=0, due=due), activity(1))
        woken = the_only(party.fail(the_only(receipt.activities)).claimed)
        party.run(woken, ended=failing(4))
        assert party.commit(messages=[REWIND]).next_due == due
        clock.advance(61)
        assert TimerFired(number=0) in delivered(the_only(party.commit().claimed))

    def test_what_comes_behind_the_redelivered_stays_behind_it(self, party: Party) -> None:
        receipt = party.run(party.start(), activity(0))
        task = the_only(receipt.activities)
        party.commit(claims=False, messages=[event(data=value("1"))])
        woken = the_only(party.fail(task).claimed)
        assert [type(each) for each in delivered(woken)] == [EventReceived, ActivityFailed]
        party.run(woken, ended=failing(3, own=False))
        receipt = party.commit(messages=[REWIND, event(data=value("2"))])
        assert delivered(the_only(receipt.claimed)) == [
            EventReceived(name="go", data=value("1")),
            EventReceived(name="go", data=value("2")),
        ]

    # ---- who can be --------------------------------------------------------------------------

    @pytest.mark.parametrize("end", [completed(), ExecutionCancelled(), None])
    def test_only_what_has_failed_is_rewound(
        self, party: Party, end: ExecutionCancelled | None
    ) -> None:
        error = the_only(party.commit(messages=[REWIND]).sent)
        assert isinstance(error, InstanceNotFoundError)
        party.run(party.start(), ended=end)
        history = party.history()
        error = the_only(party.commit(messages=[REWIND]).sent)
        assert isinstance(error, InvalidStateError) and status_of(party) in str(error)
        assert party.history() == history

    def test_a_rewound_instance_answers_to_operators_like_any_other(self, party: Party) -> None:
        self.fail_by_activity(party)
        party.commit(messages=[REWIND])
        woken = the_only(party.commit(messages=[Cancel(instance_id="i", reason="r")]).claimed)
        receipt = party.run(woken, ended=ExecutionCancelled(reason="r"))
        assert len(receipt.cancelled) == 1

    # ---- children ----------------------------------------------------------------------------

    def fail_by_child(self, party: Party) -> None:
        """ "p" has failed of "c", which has failed of its activity."""
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        task = the_only(party.run(started, activity(0)).activities)
        woken = the_only(party.fail(task).claimed)
        woken = the_only(party.run(woken, ended=failing(3)).claimed)
        assert woken.lease.instance_id == "p"
        party.run(woken, ended=failing(4))

    def test_the_failed_child_behind_the_failure_is_rewound_too(self, party: Party) -> None:
        self.fail_by_child(party)
        receipt = party.commit(messages=[Rewind(instance_id="p")])
        assert receipt.sent == (1,)
        assert status_of(party, "p") is status_of(party, "c") is RuntimeStatus.RUNNING
        task = the_only(receipt.activities)
        assert task.lease.instance_id == "c"
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        woken = the_only(party.run(woken, ended=completed("5")).claimed)
        assert woken.lease.instance_id == "p"
        assert delivered(woken) == [CallCompleted(number=0, result=value("5"))]

    def test_a_child_that_was_rewound_first_and_has_completed_is_taken_at_its_word(
        self, party: Party
    ) -> None:
        self.fail_by_child(party)
        task = the_only(party.commit(messages=[Rewind(instance_id="c")]).activities)
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        assert party.run(woken, ended=completed("5")).claimed == ()  # nobody waits for it
        woken = the_only(party.commit(messages=[Rewind(instance_id="p")]).claimed)
        assert delivered(woken) == [CallCompleted(number=0, result=value("5"))]

    def test_a_child_that_is_live_again_is_waited_for(self, party: Party) -> None:
        self.fail_by_child(party)
        task = the_only(party.commit(messages=[Rewind(instance_id="c")]).activities)
        receipt = party.commit(messages=[Rewind(instance_id="p")])
        assert (receipt.claimed, receipt.activities) == ((), ())
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        woken = the_only(party.run(woken, ended=completed("5")).claimed)
        assert delivered(woken) == [CallCompleted(number=0, result=value("5"))]

    @pytest.mark.parametrize("fate", ["purged", "terminated"])
    def test_a_child_that_is_gone_begins_anew(self, party: Party, fate: str) -> None:
        self.fail_by_child(party)
        if fate == "terminated":
            party.commit(messages=[Rewind(instance_id="c")])
            party.commit(messages=[Terminate(instance_id="c", reason="")])
        else:
            party.commit(messages=[Purge(instance_id="c")])
        receipt = party.commit(messages=[Rewind(instance_id="p")])
        claimed = the_only(receipt.claimed)
        assert (claimed.lease.instance_id, len(claimed.history or ())) == ("c", 1)
        task = the_only(party.run(claimed, activity(0)).activities)
        woken = the_only(party.report(task, AttemptSucceeded(value())).claimed)
        woken = the_only(party.run(woken, ended=completed("5")).claimed)
        assert delivered(woken) == [CallCompleted(number=0, result=value("5"))]

    def test_a_child_that_began_anew_is_not_its_old_self(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        old = the_only(party.run(started, activity(0)).activities)
        receipt = party.commit(messages=[Terminate(instance_id="c", reason="")])
        party.run(the_only(receipt.claimed), ended=failing(4))
        claimed = the_only(party.commit(messages=[Rewind(instance_id="p")]).claimed)
        assert claimed.lease != started.lease
        new = the_only(party.run(claimed, activity(0)).activities)
        assert new.lease != old.lease
        receipt = party.commit(reports=[succeeded(old, '"old"')])
        assert receipt.claimed == ()
        assert party.commit(reports=[succeeded(new)]).reports == (None,)

    def test_the_children_of_a_rewound_instance_end_with_it(self, party: Party) -> None:
        self.fail_by_child(party)
        party.commit(messages=[Rewind(instance_id="p")])
        receipt = party.commit(messages=[Terminate(instance_id="p", reason="")])
        assert set(receipt.ended) == {"p", "c"}

    def test_a_child_that_was_rewound_ends_with_a_parent_that_is_still_live(
        self, party: Party
    ) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        woken = the_only(party.run(started, ended=failing(1, own=True)).claimed)
        party.run(woken)  # it has caught the failure
        again = the_only(party.commit(messages=[Rewind(instance_id="c")]).claimed)
        party.run(again)
        receipt = party.commit(messages=[Terminate(instance_id="p", reason="")])
        assert set(receipt.ended) == {"p", "c"}

    # ---- calls and locks ---------------------------------------------------------------------

    def test_operations_that_were_waited_for_are_called_again(self, party: Party) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        receipt = party.run(party.start(), call(0), activity(1))
        woken = the_only(party.fail(the_only(receipt.activities)).claimed)
        party.run(woken, ended=failing(4))
        assert party.engine.entity(counter()) is None
        party.claim = EVERYTHING
        claimed = the_only(party.commit(messages=[REWIND]).claimed_entities)
        assert delivered(the_only(party.operate(claimed, "1").claimed)) == [
            CallCompleted(number=0, result=value("1"))
        ]

    def test_a_lock_that_was_held_is_held_again_before_the_code_goes_on(self, party: Party) -> None:
        lock = RequestLock(number=0, entities=(counter(),))
        woken = the_only(party.run(party.start(), lock).claimed)
        task = the_only(party.run(woken, activity(1)).activities)
        woken = the_only(party.fail(task).claimed)
        party.run(woken, ended=failing(6))  # which gave it back
        other = the_only(party.run(party.start("o"), lock).claimed)
        assert other.lease.instance_id == "o"

        receipt = party.commit(messages=[REWIND, event()])
        assert receipt.claimed == ()
        task = the_only(receipt.activities)
        assert party.report(task, AttemptSucceeded(value("1"))).claimed == ()
        woken = the_only(party.run(other, ReleaseLock(number=0)).claimed)
        record = party.engine.entity(counter())
        assert record is not None and record.locked_by is not None
        assert record.locked_by.instance_id == "i"
        assert delivered(woken) == [
            EventReceived(name="go", data=value()),
            ActivityCompleted(number=1, result=value("1")),
        ]
        assert party.run(woken, ReleaseLock(number=0), ended=completed()).ended == ("i",)
        assert party.engine.entity(counter()) is None

    def test_a_detached_instance_is_not_started_twice(self, party: Party) -> None:
        # Its answer was delivered after the cut.
        start = StartInstance(number=1, request=create("d"))
        receipt = party.run(party.start(), activity(0), start)
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        party.commit(claims=False, releases=[claimed["i"].lease, claimed["d"].lease])
        task = the_only(receipt.activities)
        woken = next(each for each in party.fail(task).claimed if each.lease.instance_id == "i")
        assert [type(each) for each in delivered(woken)] == [CallCompleted, ActivityFailed] or (
            [type(each) for each in delivered(woken)] == [ActivityFailed, CallCompleted]
        )
        party.run(woken, ended=failing(4))
        woken = the_only(party.commit(messages=[REWIND]).claimed)
        assert delivered(woken) == [CallCompleted(number=1)]
        assert party.record("d").execution_id == "d-1"

    # ---- purge -------------------------------------------------------------------------------

    def test_what_is_purged_is_gone_and_its_id_is_free(self, party: Party) -> None:
        party.run(party.start(tags={"t": "1"}), ended=completed())
        purge = Purge(instance_id="i")
        assert party.commit(messages=[purge]).sent == (1,)
        assert party.engine.records(("i",)) == (None,)
        assert party.engine.count(InstanceQuery()) == 0
        with pytest.raises(InstanceNotFoundError):
            party.history()
        error = the_only(party.commit(messages=[purge]).sent)
        assert isinstance(error, InstanceNotFoundError)
        claimed = party.start(execution_id="i-9")
        assert (claimed.lease.execution_id, claimed.news) == ("i-9", ())
        assert party.record().tags == {}

    @pytest.mark.parametrize("begins", [True, False])
    def test_what_is_live_is_not_purged(self, party: Party, begins: bool) -> None:
        claimed = party.start()
        if begins:
            party.run(claimed)
        error = the_only(party.commit(messages=[Purge(instance_id="i")]).sent)
        assert isinstance(error, InvalidStateError) and "'i'" in str(error)
        assert party.engine.count(InstanceQuery()) == 1

    def test_ended_descendants_are_purged_with_it_and_counted(self, party: Party) -> None:
        receipt = party.run(
            party.start("p"),
            child("c"),
            child("d", 1),
            StartInstance(number=2, request=create("e")),
        )
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        receipt = party.run(claimed["c"], child("g", parent="c"))
        party.run(the_only(receipt.claimed), ended=completed())
        party.run(claimed["d"])
        party.run(claimed["e"], ended=completed())
        party.commit(messages=[Terminate(instance_id="c", reason="")])
        party.run(claimed["p"], ended=failed_with())
        # "d" is live, as it was only asked to cancel itself; "e" was detached.
        assert party.commit(messages=[Purge(instance_id="p")]).sent == (3,)
        found = party.engine.records(("p", "c", "g", "d", "e"))
        assert [each is not None for each in found] == [False, False, False, True, True]

    def test_an_activity_of_a_purged_instance_reaches_nobody(
        self, engine: Engine, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        party.commit(messages=[Terminate(instance_id="i", reason=""), Purge(instance_id="i")])
        new = party.start()
        receipt = party.report(task, AttemptSucceeded(value('"old"')))
        assert receipt.claimed == ()
        assert party.run(new, ended=completed()).ended == ("i",)

    def test_keys_of_a_purged_instance_are_free(self, party: Party) -> None:
        party.start()
        party.commit(messages=[event(key="k"), Terminate(instance_id="i", reason="")])
        party.commit(messages=[Purge(instance_id="i")])
        party.commit(creates=[create()], claims=False)
        receipt = party.commit(messages=[event(key="k")])
        assert receipt.sent == (1,)
        assert len(the_only(receipt.claimed).news) == 1
