"""Children, detached starts and awaited instances (E10, E11). Invariant: whoever waits for an
instance is told of its end once, if he is still there; no child outlives the execution that started
it unasked."""

from __future__ import annotations

import attrs
import pytest

from durable_async.model.commands import (
    AwaitInstance,
    CancelChild,
    CancelInstanceWait,
    StartInstance,
)
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    CancelRequested,
    ExecutionCancelled,
    ExecutionTerminated,
)
from durable_async.model.identity import Caller
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import Cancel, Claimed, InstanceQuery, Receipt, Terminate
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance, status_of
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    activity,
    child,
    completed,
    continued,
    create,
    delivered,
    event,
    failed_with,
    the_only,
    value,
)

__all__ = ["ChildRules"]


def error_in(news: object) -> str:
    """The class of the failure that a call came to."""
    assert isinstance(news, CallFailed), news
    return news.failure.type_name.rpartition(":")[2]


def claimed_as(receipt: Receipt, instance_id: str) -> Claimed:
    return the_only([each for each in receipt.claimed if each.lease.instance_id == instance_id])


class ChildRules(Conformance):
    # ---- children ----------------------------------------------------------------------------

    def test_e10_a_child_is_there_with_the_episode_that_starts_it(self, party: Party) -> None:
        receipt = party.run(party.start("p"), child("c", input=value("[7]"), tags={"t": "1"}))
        claimed = the_only(receipt.claimed)
        assert (claimed.lease.instance_id, claimed.lease.execution_id) == ("c", "c-1")
        assert claimed.history == party.history("c")
        record = party.record("c")
        assert (record.parent_id, record.input, record.tags) == ("p", value("[7]"), {"t": "1"})
        assert party.engine.count(InstanceQuery(parent_id="p")) == 1

    def test_e10_a_child_of_an_episode_that_is_refused_is_not_made(self, party: Party) -> None:
        party.run(party.start("p"), child("c"), length=7)
        assert party.engine.records(("c",)) == (None,)

    def test_e10_the_result_of_a_child_wakes_its_parent(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c", 3)).claimed)
        woken = the_only(party.run(started, ended=completed('"done"')).claimed)
        assert woken.lease.instance_id == "p"
        assert delivered(woken) == [CallCompleted(number=3, result=value('"done"'))]

    def test_e10_a_failed_child_fails_its_call_with_its_own_failure(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        news = the_only(delivered(the_only(party.run(started, ended=failed_with("no")).claimed)))
        assert isinstance(news, CallFailed)
        assert (news.number, news.failure.type_name) == (0, "builtins:ValueError")
        assert (news.failure.message, news.failure.instance_id) == ("no", "c")

    def test_e10_a_failure_from_further_down_says_where_it_was_raised(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        end = failed_with()
        end = attrs.evolve(end, failure=attrs.evolve(end.failure, instance_id="deep"))
        news = the_only(delivered(the_only(party.run(started, ended=end).claimed)))
        assert isinstance(news, CallFailed)
        assert news.failure.instance_id == "deep"

    def test_e10_a_cancelled_child_fails_its_call(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        receipt = party.run(started, ended=ExecutionCancelled(reason="too slow"))
        news = the_only(delivered(the_only(receipt.claimed)))
        assert error_in(news) == "InstanceCancelledError"
        assert isinstance(news, CallFailed)
        assert "'c'" in news.failure.message and "too slow" in news.failure.message

    def test_e10_a_terminated_child_fails_its_call(self, party: Party) -> None:
        party.run(party.start("p"), child("c"))
        receipt = party.commit(messages=[Terminate(instance_id="c", reason="enough")])
        news = the_only(delivered(the_only(receipt.claimed)))
        assert error_in(news) == "InstanceTerminatedError"
        assert isinstance(news, CallFailed) and "enough" in news.failure.message

    def test_e10_an_id_that_is_taken_fails_the_call(self, party: Party) -> None:
        there = party.start("c")
        woken = the_only(party.run(party.start("p"), child("c", 2)).claimed)
        news = the_only(delivered(woken))
        assert error_in(news) == "InstanceAlreadyExistsError"
        assert isinstance(news, CallFailed) and news.number == 2
        assert news.failure.instance_id is None  # it was not raised in the one that has the id
        # And it is none of the parent's: it neither answers nor ends with it.
        receipt = party.run(woken, CancelChild(number=2, instance_id="c"), ended=completed())
        assert receipt.claimed == ()
        assert party.run(there, ended=completed()).episodes == (None,)

    def test_e10_a_child_that_ends_in_the_same_batch_answers_in_it(self, party: Party) -> None:
        parent, other = party.start("p"), party.start("o")
        receipt = party.run(parent, child("c"))
        ends = party.episode(the_only(receipt.claimed), ended=completed("1"))
        receipt = party.run_all(ends, party.episode(other, child("d", parent="o")))
        assert delivered(claimed_as(receipt, "p")) == [CallCompleted(number=0, result=value("1"))]
        assert claimed_as(receipt, "d").news == ()

    def test_e10_a_child_that_goes_on_as_a_new_execution_answers_at_its_end(
        self, party: Party
    ) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        parent = Caller("p", "p-1", 0)
        receipt = party.run(started, ended=continued("c", parent=parent))
        assert [each.lease.execution_id for each in receipt.claimed] == ["c-2"]
        assert party.record("c").parent_id == "p"
        woken = the_only(party.run(the_only(receipt.claimed), ended=completed("2")).claimed)
        assert delivered(woken) == [CallCompleted(number=0, result=value("2"))]

    def test_e10_the_end_of_a_child_does_not_reach_another_execution(self, party: Party) -> None:
        party.run(the_only(party.run(party.start("p"), child("c")).claimed))
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        receipt = party.run(woken, ended=continued("p"))
        asked, next_one = claimed_as(receipt, "c"), claimed_as(receipt, "p")
        assert [type(each) for each in delivered(asked)] == [CancelRequested]
        party.run(next_one)
        assert party.run(asked, ended=completed()).claimed == ()

    def test_e10_a_child_whose_parent_is_gone_ends_all_the_same(self, party: Party) -> None:
        claimed = party.start("c", parent=Caller("nobody", "nobody-1", 0))
        receipt = party.run(claimed, ended=completed())
        assert (receipt.episodes, receipt.ended) == ((None,), ("c",))

    # ---- cancelling the await ----------------------------------------------------------------

    def test_e10_cancelling_the_await_cancels_the_child_whose_end_is_for_nobody(
        self, party: Party
    ) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        party.run(started)
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        receipt = party.run(woken, CancelChild(number=0, instance_id="c"))
        asked = the_only(receipt.claimed)
        assert asked.lease.instance_id == "c"
        assert [type(each) for each in delivered(asked)] == [CancelRequested]
        receipt = party.run(asked, ended=ExecutionCancelled(reason=""))
        assert (receipt.ended, receipt.claimed) == (("c",), ())

    def test_e10_a_child_that_has_not_begun_is_cancelled_without_running(
        self, party: Party
    ) -> None:
        start, cancel = child("c"), CancelChild(number=0, instance_id="c")
        receipt = party.run(party.start("p"), start, cancel)
        assert (receipt.ended, receipt.claimed) == (("c",), ())
        assert status_of(party, "c") is RuntimeStatus.CANCELLED
        assert [type(each).__name__ for each in party.history("c")] == [
            "ExecutionStarted",
            "ExecutionCancelled",
        ]

    def test_e10_cancelling_the_await_of_an_ended_child_changes_nothing(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        woken = the_only(party.run(started, ended=completed()).claimed)
        receipt = party.run(woken, CancelChild(number=0, instance_id="c"))
        assert (receipt.episodes, receipt.claimed, receipt.ended) == ((None,), (), ())
        assert status_of(party, "c") is RuntimeStatus.COMPLETED

    # ---- the end of the parent ---------------------------------------------------------------

    @pytest.mark.parametrize("end", [completed(), failed_with(), ExecutionCancelled()])
    def test_e11_live_children_are_cancelled_when_their_parent_ends(
        self, party: Party, end: ExecutionCancelled
    ) -> None:
        receipt = party.run(party.start("p"), child("c", 0), child("d", 1))
        party.run(claimed_as(receipt, "c"))
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        receipt = party.run(woken, ended=end)
        # One has begun, and is asked to; the other one has not, and ends.
        assert set(receipt.ended) == {"p", "d"}
        news = the_only(delivered(claimed_as(receipt, "c")))
        assert isinstance(news, CancelRequested) and "'p'" in news.reason

    def test_e11_a_child_started_as_its_parent_ends_never_runs(self, party: Party) -> None:
        receipt = party.run(party.start("p"), child("c"), ended=completed())
        assert receipt.claimed == ()
        assert set(receipt.ended) == {"p", "c"}
        assert status_of(party, "c") is RuntimeStatus.CANCELLED

    def test_e11_terminating_ends_the_whole_family_and_says_how_many(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c"), child("d", 1)).claimed[:1])
        party.run(started, child("g", parent="c"))
        outside = party.start("o")
        receipt = party.commit(messages=[Terminate(instance_id="p", reason="enough")])
        assert receipt.sent == (4,)
        assert set(receipt.ended) == {"p", "c", "d", "g"}
        for instance_id in "pcdg":
            last = party.history(instance_id)[-1]
            assert last == ExecutionTerminated(reason="enough", at=receipt.now)
        assert party.run(outside).episodes == (None,)

    def test_e11_terminating_one_alone_cancels_its_children(self, party: Party) -> None:
        party.run(the_only(party.run(party.start("p"), child("c")).claimed))
        stop = Terminate(instance_id="p", reason="enough", recursive=False)
        receipt = party.commit(messages=[stop])
        assert (receipt.sent, receipt.ended) == ((1,), ("p",))
        assert [type(each) for each in delivered(the_only(receipt.claimed))] == [CancelRequested]

    def test_e11_a_deep_family_ends_as_a_whole(self, party: Party) -> None:
        claimed = party.start("g0")
        depth = 300
        for level in range(1, depth):
            start = child(f"g{level}", parent=f"g{level - 1}")
            claimed = the_only(party.run(claimed, start).claimed)
        receipt = party.commit(messages=[Terminate(instance_id="g0", reason="")])
        assert receipt.sent == (depth,)
        assert len(receipt.ended) == depth

    def test_e11_a_child_whose_await_was_cancelled_is_terminated_with_its_parent(
        self, party: Party
    ) -> None:
        party.run(the_only(party.run(party.start("p"), child("c")).claimed))
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        party.run(woken, CancelChild(number=0, instance_id="c"))
        receipt = party.commit(messages=[Terminate(instance_id="p", reason="")])
        assert set(receipt.ended) == {"p", "c"}

    def test_e11_activities_of_a_terminated_child_are_told_to_stop(self, party: Party) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        task = the_only(party.run(started, activity(0)).activities)
        receipt = party.commit(messages=[Terminate(instance_id="p", reason="")])
        assert receipt.cancelled == (task.lease,)

    # ---- detached starts ---------------------------------------------------------------------

    def test_e10_a_detached_start_is_answered_and_lives_on(self, party: Party) -> None:
        start = StartInstance(number=4, request=create("d"))
        receipt = party.run(party.start("p"), start)
        assert delivered(claimed_as(receipt, "p")) == [CallCompleted(number=4)]
        assert party.record("d").parent_id is None
        party.run(claimed_as(receipt, "d"))
        receipt = party.run(claimed_as(receipt, "p"), ended=completed())
        assert (receipt.ended, receipt.claimed) == (("p",), ())
        assert status_of(party, "d") is RuntimeStatus.RUNNING

    def test_e10_a_detached_start_under_a_taken_id_is_told_so(self, party: Party) -> None:
        party.start("d")
        woken = the_only(
            party.run(party.start("p"), StartInstance(number=4, request=create("d"))).claimed
        )
        news = the_only(delivered(woken))
        assert error_in(news) == "InstanceAlreadyExistsError"
        assert isinstance(news, CallFailed) and news.number == 4
        assert news.failure.instance_id is None  # it was not raised in the one that has the id

    def test_e10_a_detached_start_may_attach_or_replace(self, party: Party) -> None:
        party.run(party.start("d"), ended=completed())
        attach = create("d", execution_id="d-2", if_exists="attach")
        replace = create("d", execution_id="d-3", if_exists="replace")
        receipt = party.run(party.start("p"), StartInstance(number=0, request=attach))
        assert delivered(the_only(receipt.claimed)) == [CallCompleted(number=0)]
        assert party.record("d").execution_id == "d-1"
        receipt = party.run(the_only(receipt.claimed), StartInstance(number=1, request=replace))
        assert delivered(claimed_as(receipt, "p")) == [CallCompleted(number=1)]
        assert party.record("d").execution_id == "d-3"

    def test_e10_a_detached_start_is_never_early(
        self, engine: Engine, party: Party, clock: object
    ) -> None:
        start_at = engine.now().replace(year=2030)
        receipt = party.run(
            party.start("p"), StartInstance(number=0, request=create("d", start_at=start_at))
        )
        assert [each.lease.instance_id for each in receipt.claimed] == ["p"]
        assert party.run(the_only(receipt.claimed)).next_due == start_at

    # ---- awaited instances -------------------------------------------------------------------

    def test_e10_whoever_awaits_an_instance_is_told_of_its_end(self, party: Party) -> None:
        other = party.start("o")
        party.run(party.start("a"), AwaitInstance(number=1, instance_id="o"))
        party.run(party.start("b"), AwaitInstance(number=2, instance_id="o"))
        receipt = party.run(other, ended=completed("3"))
        result = value("3")
        assert delivered(claimed_as(receipt, "a")) == [CallCompleted(number=1, result=result)]
        assert delivered(claimed_as(receipt, "b")) == [CallCompleted(number=2, result=result)]

    def test_e10_awaiting_what_has_ended_is_answered_at_once(self, party: Party) -> None:
        party.run(party.start("o"), ended=failed_with("bad"))
        receipt = party.run(party.start("a"), AwaitInstance(number=0, instance_id="o"))
        assert error_in(the_only(delivered(the_only(receipt.claimed)))) == "ValueError"
        # Before what follows in its own batch, too.
        party.start("q")
        stop = Terminate(instance_id="q", reason="")
        claimed = party.start("b")
        receipt = party.run_all(
            party.episode(claimed, AwaitInstance(number=0, instance_id="q")), messages=[stop]
        )
        news = the_only(delivered(claimed_as(receipt, "b")))
        assert error_in(news) == "InstanceTerminatedError"

    def test_e10_awaiting_nobody_is_told_so(self, party: Party) -> None:
        receipt = party.run(party.start("a"), AwaitInstance(number=0, instance_id="nobody"))
        news = the_only(delivered(the_only(receipt.claimed)))
        assert error_in(news) == "InstanceNotFoundError"
        assert isinstance(news, CallFailed) and news.failure.instance_id is None

    def test_e10_who_awaits_no_more_is_not_told(self, party: Party) -> None:
        other = party.start("o")
        claimed = party.start("a")
        wait, leave = (
            AwaitInstance(number=0, instance_id="o"),
            CancelInstanceWait(number=0, instance_id="o"),
        )
        party.run(claimed, wait, leave)
        assert party.run(other, ended=completed()).claimed == ()

    def test_e11_an_execution_that_is_over_awaits_nobody(self, party: Party) -> None:
        other = party.start("o")
        claimed = party.start("a")
        party.run(claimed, AwaitInstance(number=0, instance_id="o"))
        woken = the_only(party.commit(messages=[event("a")]).claimed)
        party.run(the_only(party.run(woken, ended=continued("a")).claimed))
        assert party.run(other, ended=completed()).claimed == ()

    # ---- families in claims ------------------------------------------------------------------

    def test_e5_a_claim_for_some_instances_is_for_their_descendants_too(
        self, engine: Engine, party: Party
    ) -> None:
        mine = attrs.evolve(EVERYTHING, only=frozenset({"p"}))
        picky = Party.join(engine, claim=mine)
        receipt = picky.commit(creates=[create("p"), create("o")])
        start = StartInstance(number=1, request=create("detached"))
        receipt = picky.run(the_only(receipt.claimed), child("c"), start)
        assert {each.lease.instance_id for each in receipt.claimed} == {"p", "c"}
        receipt = picky.run(claimed_as(receipt, "c"), child("g", parent="c"))
        receipt = picky.run(the_only(receipt.claimed), activity(0))
        assert the_only(receipt.activities).lease.instance_id == "g"
        assert {each.lease.instance_id for each in party.commit().claimed} == {"o", "detached"}

    def test_children_end_with_a_parent_that_is_cancelled_before_it_runs_again(
        self, party: Party
    ) -> None:
        started = the_only(party.run(party.start("p"), child("c")).claimed)
        party.run(started)
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        party.block(woken)
        receipt = party.commit(messages=[Cancel(instance_id="p", reason="give up")])
        assert receipt.ended == ("p",)
        assert [type(each) for each in delivered(claimed_as(receipt, "c"))] == [CancelRequested]
