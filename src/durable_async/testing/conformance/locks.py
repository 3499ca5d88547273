"""Locks (E15). Invariant: a lock is held by one execution at a time, is granted in the order of the
requests, and is free again when that execution is over, whatever became of it."""

from __future__ import annotations

import attrs
import pytest

from durable_async.model.commands import CancelEntityCall, ReleaseLock, RequestLock, SignalEntity
from durable_async.model.history import CallCompleted, ExecutionCancelled
from durable_async.model.identity import NAMED_LOCK, Caller, EntityId
from durable_async.model.work import Claimed, ClaimedEntity, Receipt, Terminate
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    call,
    completed,
    continued,
    counter,
    delivered,
    event,
    failed_with,
    signal,
    the_only,
    value,
)

__all__ = ["LockRules"]

NAME = EntityId(NAMED_LOCK, "gate")


def lock(number: int, *entities: EntityId) -> RequestLock:
    return RequestLock(number=number, entities=entities or (NAME,))


def granted_to(receipt: Receipt) -> list[str]:
    return [
        each.lease.instance_id
        for each in receipt.claimed
        if any(isinstance(event, CallCompleted) for event in delivered(each))
    ]


def names(claimed: ClaimedEntity) -> list[str]:
    return [each.name for each in claimed.operations]


class LockRules(Conformance):
    def holding(self, party: Party, instance_id: str, *entities: EntityId) -> Claimed:
        """An instance that was granted lock 0, and was woken with that."""
        receipt = party.run(party.start(instance_id), lock(0, *entities))
        woken = the_only(receipt.claimed)
        assert delivered(woken) == [CallCompleted(number=0)]
        return woken

    def holder(self, party: Party, entity: EntityId = NAME) -> str | None:
        record = party.engine.entity(entity)
        if record is None or record.locked_by is None:
            return None
        return record.locked_by.instance_id

    # ---- granted -----------------------------------------------------------------------------

    def test_e15_a_free_lock_is_granted_in_the_commit_that_asks(self, party: Party) -> None:
        self.holding(party, "a")
        record = party.engine.entity(NAME)
        assert record is not None
        assert record.locked_by == Caller("a", "a-1", 0)
        assert (record.state, record.queued) == (None, 0)

    def test_e15_a_lock_goes_to_one_after_the_other_in_the_order_of_requests(
        self, party: Party
    ) -> None:
        holding = self.holding(party, "a")
        for name in "bcd":
            assert party.run(party.start(name), lock(0)).claimed == ()
        receipt = party.run(holding, ReleaseLock(number=0))
        for name in "bcd":
            assert (granted_to(receipt), self.holder(party)) == ([name], name)
            receipt = party.run(the_only(receipt.claimed), ReleaseLock(number=0))
        assert receipt.claimed == ()
        assert party.engine.entity(NAME) is None

    def test_e15_a_lock_over_several_is_granted_when_all_are_free(self, party: Party) -> None:
        first, second = counter("1"), counter("2")
        one, two = self.holding(party, "a", first), self.holding(party, "b", second)
        assert party.run(party.start("c"), lock(5, first, second)).claimed == ()
        assert granted_to(party.run(two, ReleaseLock(number=0))) == []
        receipt = party.run(one, ReleaseLock(number=0))
        assert delivered(the_only(receipt.claimed)) == [CallCompleted(number=5)]
        assert self.holder(party, first) == self.holder(party, second) == "c"

    def test_e15_overlapping_locks_never_wait_for_one_another_in_a_circle(
        self, party: Party
    ) -> None:
        entities = [counter(f"{number}") for number in range(4)]
        waiting = {}
        for number in range(8):
            pair = sorted({entities[number % 4], entities[(number * 3 + 1) % 4]})
            receipt = party.run(party.start(f"i{number}"), lock(0, *pair))
            waiting.update({each.lease.instance_id: each for each in receipt.claimed})
        done = set()
        while waiting:
            name, claimed = waiting.popitem()
            receipt = party.run(claimed, ReleaseLock(number=0), ended=completed())
            done.add(name)
            waiting.update({each.lease.instance_id: each for each in receipt.claimed})
        assert done == {f"i{number}" for number in range(8)}
        assert all(party.engine.entity(each) is None for each in entities)

    def test_e15_a_request_that_is_withdrawn_is_passed_over(self, party: Party) -> None:
        first, second = counter("1"), counter("2")
        holding = self.holding(party, "a", second)
        party.run(party.start("b"), lock(0, first, second))  # has the first one
        party.run(party.start("c"), lock(0, second))
        woken = the_only(party.commit(messages=[event("b")]).claimed)
        party.run(woken, ReleaseLock(number=0))
        assert self.holder(party, first) is None
        assert granted_to(party.run(holding, ReleaseLock(number=0))) == ["c"]

    def test_e15_releasing_twice_or_what_was_never_asked_for_changes_nothing(
        self, party: Party
    ) -> None:
        other = self.holding(party, "a")
        released = ReleaseLock(number=0)
        assert party.run(other, released, released, ReleaseLock(number=7)).episodes == (None,)
        self.holding(party, "b")
        woken = the_only(party.commit(messages=[event("a")]).claimed)
        party.run(woken, released)
        assert self.holder(party) == "b"

    # ---- operations --------------------------------------------------------------------------

    def test_e15_a_lock_waits_for_the_operations_before_it(self, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        party.commit(messages=[signal(operation="second")])
        assert party.run(party.start("a"), lock(0, counter())).claimed == ()
        party.commit(messages=[signal(operation="behind")])
        receipt = party.operate(claimed)
        following = the_only(receipt.claimed_entities)
        assert (names(following), granted_to(receipt)) == (["second"], [])
        receipt = party.operate(following)
        assert (granted_to(receipt), receipt.claimed_entities) == (["a"], ())
        receipt = party.run(the_only(receipt.claimed), ReleaseLock(number=0))
        assert names(the_only(receipt.claimed_entities)) == ["behind"]

    def test_e15_a_lock_holds_back_the_operations_of_others(self, party: Party) -> None:
        holding = self.holding(party, "a", counter())
        receipt = party.run(party.start("b"), call(0, operation="other"))
        assert (receipt.claimed_entities, receipt.next_due) == ((), None)
        assert party.commit(messages=[signal(operation="signal")]).claimed_entities == ()
        record = party.engine.entity(counter())
        assert record is not None and record.queued == 2
        receipt = party.run(holding, ReleaseLock(number=0))
        assert names(the_only(receipt.claimed_entities)) == ["other", "signal"]

    def test_e15_the_calls_of_who_holds_the_lock_pass(self, party: Party) -> None:
        holding = self.holding(party, "a", counter())
        party.commit(messages=[signal(operation="held back")])
        inside = SignalEntity(number=2, entity=counter(), operation="own", input=value())
        calls = call(1, operation="x", lock=0), inside, call(3, operation="y", lock=0)
        receipt = party.run(holding, *calls)
        claimed = the_only(receipt.claimed_entities)
        assert names(claimed) == ["x", "y"]
        receipt = party.operate(claimed, "1", "2")
        assert delivered(the_only(receipt.claimed)) == [
            CallCompleted(number=1, result=value("1")),
            CallCompleted(number=3, result=value("2")),
        ]
        receipt = party.run(the_only(receipt.claimed), ReleaseLock(number=0))
        assert names(the_only(receipt.claimed_entities)) == ["held back", "own"]

    def test_e15_a_call_of_another_lock_does_not_pass(self, party: Party) -> None:
        self.holding(party, "a", counter())
        other = self.holding(party, "b", counter("2"))
        assert party.run(other, call(1, lock=0)).claimed_entities == ()

    def test_e15_a_call_of_a_lock_that_was_given_back_is_a_call_like_others(
        self, party: Party
    ) -> None:
        holding = self.holding(party, "a", counter())
        party.run(party.start("b"), lock(0, counter()))
        receipt = party.run(holding, call(1, lock=0), ReleaseLock(number=0))
        assert (granted_to(receipt), receipt.claimed_entities) == (["b"], ())
        receipt = party.run(the_only(receipt.claimed), ReleaseLock(number=0))
        claimed = the_only(receipt.claimed_entities)
        assert granted_to(party.operate(claimed, "1")) == ["a"]

    def test_e15_no_lock_is_granted_while_an_operation_runs(self, party: Party) -> None:
        holding = self.holding(party, "a", counter())
        party.run(party.start("b"), lock(0, counter()))
        claimed = the_only(party.run(holding, call(1, lock=0)).claimed_entities)
        woken = the_only(party.commit(messages=[event("a")]).claimed)
        cancel = CancelEntityCall(number=1, entity=counter())
        assert granted_to(party.run(woken, cancel, ReleaseLock(number=0))) == []
        assert self.holder(party, counter()) is None
        assert granted_to(party.operate(claimed)) == ["b"]

    def test_e15_a_call_can_be_made_where_nobody_has_the_code(self, engine: Engine) -> None:
        nothing = attrs.evolve(EVERYTHING, entities=frozenset(), max_entities=0)
        party = Party.join(engine, claim=nothing)
        self.holding(party, "a", counter())

    # ---- ends --------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "end", [completed(), failed_with(), ExecutionCancelled(), continued("a")]
    )
    def test_e11_the_locks_of_an_execution_that_is_over_are_free(
        self, party: Party, end: ExecutionCancelled
    ) -> None:
        holding = self.holding(party, "a", counter("1"), counter("2"))
        party.run(party.start("b"), lock(0, counter("2")))
        receipt = party.run(holding, ended=end)
        assert granted_to(receipt) == ["b"]
        assert self.holder(party, counter("1")) is None

    def test_e11_terminating_frees_locks_and_withdraws_requests(self, party: Party) -> None:
        self.holding(party, "a", counter("1"))
        party.run(party.start("b"), lock(0, counter("1")), lock(1, counter("2")))
        party.run(party.start("c"), lock(0, counter("1"), counter("2")))
        receipt = party.commit(messages=[Terminate(instance_id="b", reason="")])
        assert granted_to(receipt) == []
        receipt = party.commit(messages=[Terminate(instance_id="a", reason="")])
        assert granted_to(receipt) == ["c"]

    def test_e11_an_end_with_a_call_in_flight_frees_the_lock_when_it_has_run(
        self, party: Party
    ) -> None:
        holding = self.holding(party, "a", counter())
        party.run(party.start("b"), lock(0, counter()))
        claimed = the_only(party.run(holding, call(1, lock=0)).claimed_entities)
        receipt = party.commit(messages=[Terminate(instance_id="a", reason="")])
        assert granted_to(receipt) == []
        receipt = party.operate(claimed, "1", state=value("1"))
        assert (receipt.entities, granted_to(receipt)) == ((None,), ["b"])

    def test_e11_several_requests_of_one_execution_go_together(self, party: Party) -> None:
        # Whoever gives one up must not be granted another one by that.
        requests = lock(0, counter("1")), lock(1, counter("1")), lock(2, counter("0"), counter("1"))
        receipt = party.run(party.start("b"), *requests)
        assert delivered(the_only(receipt.claimed)) == [CallCompleted(number=0)]
        receipt = party.commit(messages=[Terminate(instance_id="b", reason="")])
        assert (receipt.ended, receipt.claimed) == (("b",), ())
        assert party.engine.entity(counter("0")) is None
        assert party.engine.entity(counter("1")) is None

    def test_e15_a_lock_outlives_the_worker_of_its_holder(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(self.holding(party, "a"))
        party.run(party.start("b"), lock(0))
        self.kill_session(engine, party.session)
        other = Party.join(engine)
        assert granted_to(other.commit()) == []
        assert self.holder(other) == "a"
        woken = the_only(other.commit(messages=[event("a")]).claimed)
        assert granted_to(other.run(woken, ReleaseLock(number=0))) == ["b"]

    def test_e15_locks_of_an_episode_that_is_refused_are_not_taken(self, party: Party) -> None:
        party.run(party.start("a"), lock(0), length=3)
        assert party.engine.entity(NAME) is None
