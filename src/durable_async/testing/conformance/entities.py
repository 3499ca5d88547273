"""Operations of entities (E15). Invariant: one at a time, in the order in which they were accepted;
what came of a batch of them is stored as a whole, or not at all."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import attrs
import pytest

from durable_async.engines.limits import OPERATIONS_A_BATCH
from durable_async.errors import LeaseLostError
from durable_async.model.commands import CancelEntityCall, SendEvent, SignalEntity
from durable_async.model.history import CallCompleted, CallFailed, EventReceived
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.work import (
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    EntityQuery,
    Receipt,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import LEASE, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    call,
    completed,
    continued,
    counter,
    create,
    delivered,
    event,
    failed,
    result,
    signal,
    the_only,
    value,
)

__all__ = ["EntityRules"]


def names(claimed: ClaimedEntity) -> list[str]:
    return [each.name for each in claimed.operations]


class EntityRules(Conformance):
    # ---- handed out --------------------------------------------------------------------------

    def test_e15_a_signal_is_handed_out_by_the_commit_that_accepts_it(
        self, party: Party, clock: SettableClock
    ) -> None:
        receipt = party.commit(messages=[signal(input=value("[5]"))])
        assert receipt.sent == (1,)
        claimed = the_only(receipt.claimed_entities)
        operation = the_only(claimed.operations)
        assert (claimed.lease.entity, claimed.state) == (counter(), None)
        assert (operation.name, operation.input) == ("add", value("[5]"))
        assert (operation.caller, operation.at) == (None, clock.now())

    def test_e15_a_call_names_who_waits_and_its_result_wakes_him(self, party: Party) -> None:
        receipt = party.run(party.start(), call(3))
        claimed = the_only(receipt.claimed_entities)
        assert the_only(claimed.operations).caller == Caller("i", "i-1", 3)
        receipt = party.operate(claimed, "7", state=value('{"n": 1}'))
        assert receipt.entities == (None,)
        assert delivered(the_only(receipt.claimed)) == [CallCompleted(number=3, result=value("7"))]
        record = party.engine.entity(counter())
        assert record is not None
        assert (record.state, record.queued, record.locked_by) == (value('{"n": 1}'), 0, None)
        assert record.updated_at == receipt.now

    def test_e15_a_failed_operation_fails_its_caller_and_the_others_go_on(
        self, party: Party
    ) -> None:
        receipt = party.run(party.start(), call(0), call(1), call(2))
        receipt = party.operate(the_only(receipt.claimed_entities), "1", "!", "3")
        assert delivered(the_only(receipt.claimed)) == [
            CallCompleted(number=0, result=value("1")),
            CallFailed(number=1, failure=failed()),
            CallCompleted(number=2, result=value("3")),
        ]

    def test_e15_a_failed_signal_is_heard_by_nobody(self, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        receipt = party.operate(claimed, "!")
        assert (receipt.entities, receipt.claimed, receipt.claimed_entities) == ((None,), (), ())

    def test_e15_operations_run_in_the_order_in_which_they_were_accepted(
        self, party: Party
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        party.commit(messages=[signal(operation="a"), signal("other"), signal(operation="b")])
        sends = SignalEntity(number=1, entity=counter(), operation="d", input=value())
        party.run(party.start(), call(0, operation="c"), sends, call(2, operation="e"))
        party.commit(messages=[signal(operation="f")])
        party.claim = EVERYTHING
        by_key = {each.lease.entity.key: names(each) for each in party.commit().claimed_entities}
        assert by_key == {"k": list("abcdef"), "other": ["add"]}

    def test_e15_what_comes_while_it_is_in_hand_waits_for_the_commit(self, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal(operation="a")]).claimed_entities)
        assert party.commit(messages=[signal(operation="b")]).claimed_entities == ()
        receipt = party.operate(claimed, state=value("1"))
        following = the_only(receipt.claimed_entities)
        assert (names(following), following.state) == (["b"], value("1"))
        assert following.lease.epoch != claimed.lease.epoch

    def test_e15_operations_that_were_not_run_stay_where_they_were(self, party: Party) -> None:
        messages = [signal(operation=name) for name in "abc"]
        claimed = the_only(party.commit(messages=messages).claimed_entities)
        first = result(claimed.operations[0])
        party.commit(messages=[signal(operation="d")])
        receipt = party.operate(claimed, results=(first,))
        assert names(the_only(receipt.claimed_entities)) == ["b", "c", "d"]

    def test_e15_a_batch_of_operations_is_bounded(self, party: Party) -> None:
        many = [signal(operation=f"{number}") for number in range(OPERATIONS_A_BATCH + 5)]
        claimed = the_only(party.commit(messages=many).claimed_entities)
        assert len(claimed.operations) == OPERATIONS_A_BATCH
        assert party.engine.entity(counter()) is not None
        rest = the_only(party.operate(claimed).claimed_entities)
        assert names(rest) == [f"{OPERATIONS_A_BATCH + number}" for number in range(5)]

    def test_e15_no_more_entities_are_handed_out_than_was_asked_for(self, party: Party) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=2)
        receipt = party.commit(messages=[signal(f"{number}") for number in range(5)])
        assert len(receipt.claimed_entities) == 2
        assert receipt.next_due is not None and receipt.next_due <= receipt.now
        seen = {each.lease.entity.key for each in receipt.claimed_entities}
        for _ in range(2):
            seen |= {each.lease.entity.key for each in party.commit().claimed_entities}
        assert seen == set("01234")

    def test_e15_an_entity_nobody_here_has_waits(self, engine: Engine, party: Party) -> None:
        party.claim = attrs.evolve(EVERYTHING, entities=frozenset({"cart"}))
        receipt = party.run(party.start(), call(0))
        assert (receipt.claimed_entities, receipt.next_due) == ((), None)
        record = engine.entity(counter())
        assert record is not None and (record.state, record.queued) == (None, 1)
        assert names(the_only(Party.join(engine).commit().claimed_entities)) == ["add"]

    def test_e15_entities_of_one_key_and_another_type_are_others(self, engine: Engine) -> None:
        both = attrs.evolve(EVERYTHING, entities=frozenset({"counter", "cart"}))
        party = Party.join(engine, claim=both)
        cart = attrs.evolve(signal(), entity=EntityId("cart", "k"))
        receipt = party.commit(messages=[signal(), cart])
        assert {each.lease.entity for each in receipt.claimed_entities} == {
            counter(),
            EntityId("cart", "k"),
        }

    # ---- later -------------------------------------------------------------------------------

    def test_e15_a_signal_is_not_run_before_it_is_due(
        self, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=10)
        receipt = party.commit(messages=[signal(due=due)])
        assert (receipt.claimed_entities, receipt.next_due) == ((), due)
        record = party.engine.entity(counter())
        assert record is not None and record.queued == 1
        clock.advance(9.5)
        assert party.commit().claimed_entities == ()
        clock.advance(0.5)
        claimed = the_only(party.commit().claimed_entities)
        assert the_only(claimed.operations).at == due

    def test_e15_a_signal_has_its_turn_when_it_comes_due(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        start = clock.now()
        laters = [
            signal(operation=name, due=start + timedelta(seconds=due))
            for name, due in [("at 9", 9), ("at 3", 3), ("also at 3", 3), ("past", -5)]
        ]
        party.commit(messages=[*laters, signal(operation="now")])
        clock.advance(5)
        party.commit(messages=[signal(operation="at 5")])
        clock.advance(5)
        party.claim = EVERYTHING
        assert names(the_only(party.commit().claimed_entities)) == [
            "past", "now", "at 3", "also at 3", "at 5", "at 9",
        ]  # fmt: skip

    def test_e15_an_orchestrator_may_signal_later(self, party: Party, clock: SettableClock) -> None:
        due = clock.now() + timedelta(seconds=10)
        later = SignalEntity(number=0, entity=counter(), operation="add", input=value(), due=due)
        receipt = party.run(party.start(), later, ended=completed())
        assert receipt.next_due == due
        clock.advance(10)
        assert names(the_only(party.commit().claimed_entities)) == ["add"]

    # ---- fenced ------------------------------------------------------------------------------

    def test_e15_operations_of_a_dead_session_are_run_elsewhere(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = the_only(party.run(party.start(), call(0)).claimed_entities)
        other = Party.join(engine)
        assert other.commit().claimed_entities == ()
        self.kill_session(engine, party.session)
        again = the_only(other.commit().claimed_entities)
        assert again.operations == claimed.operations
        assert other.operate(again, "1", state=value("1")).entities == (None,)

    def test_e15_a_stale_holder_is_refused_and_nothing_of_it_is_stored(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        other = Party.join(engine)
        claimed = the_only(party.run(party.start("o"), call(0)).claimed_entities)
        self.fall_silent(clock, other)
        taken = the_only(other.commit().claimed_entities)
        stale = party.commit(
            claims=False,
            entities=[
                EntityCommit(
                    lease=claimed.lease,
                    state=value('"stale"'),
                    results=(result(claimed.operations[0], "9"),),
                )
            ],
            releases=[claimed.lease],
        )
        assert isinstance(the_only(stale.entities), LeaseLostError)
        record = engine.entity(counter())
        assert record is not None and (record.state, record.queued) == (None, 1)
        assert other.operate(taken, "1", state=value("1")).entities == (None,)
        assert clock.now().timestamp() > LEASE

    def test_e15_a_batch_that_is_committed_twice_counts_once(self, party: Party) -> None:
        claimed = the_only(party.run(party.start(), call(0)).claimed_entities)
        first = party.operate(claimed, "1", state=value("1"))
        again = party.operate(claimed, "2", state=value("2"))
        assert first.entities == (None,)
        assert isinstance(the_only(again.entities), LeaseLostError)
        assert again.claimed == ()

    def test_e15_no_lease_is_good_for_an_entity_that_came_after(self, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        party.operate(claimed, state=None)
        assert party.engine.entity(counter()) is None
        anew = the_only(party.commit(messages=[signal()]).claimed_entities)
        assert anew.lease != claimed.lease
        assert isinstance(the_only(party.operate(claimed).entities), LeaseLostError)
        assert party.operate(anew).entities == (None,)

    def test_e15_nobody_commits_for_another_session(self, engine: Engine, party: Party) -> None:
        other = Party.join(engine)
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        assert isinstance(the_only(other.operate(claimed).entities), LeaseLostError)
        unknown = EntityCommit(lease=EntityLease(counter("x"), 1), state=value(), results=())
        assert isinstance(the_only(party.commit(entities=[unknown]).entities), LeaseLostError)
        assert party.operate(claimed).entities == (None,)

    def test_e15_what_is_given_back_may_be_claimed_at_once(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        other = Party.join(engine)
        party.commit(claims=False, releases=[claimed.lease])
        again = the_only(other.commit().claimed_entities)
        assert again.operations == claimed.operations

    def test_e15_an_operation_whose_workers_keep_dying_fails_alone(
        self, engine: Engine, party: Party
    ) -> None:
        receipt = party.run(party.start(), call(0, operation="kills"), call(1))
        assert names(the_only(receipt.claimed_entities)) == ["kills", "add"]
        for _ in range(LOST_WORKER_LIMIT - 1):
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            # By itself, so that it is known who was it.
            assert names(the_only(party.commit().claimed_entities)) == ["kills"]
        self.kill_session(engine, party.session)
        party = Party.join(engine)
        receipt = party.commit()
        news = the_only(delivered(the_only(receipt.claimed)))
        assert isinstance(news, CallFailed)
        assert news.failure.type_name == "durable_async.errors:WorkerLostError"
        assert "'kills'" in news.failure.message
        assert names(the_only(receipt.claimed_entities)) == ["add"]

    def test_e15_a_commit_ends_the_suspicion_against_operations(
        self, engine: Engine, party: Party
    ) -> None:
        receipt = party.commit(messages=[signal(operation=name) for name in "abc"])
        for _ in range(2):
            claimed = the_only(receipt.claimed_entities)
            for _ in range(LOST_WORKER_LIMIT - 1):
                self.kill_session(engine, party.session)
                party = Party.join(engine)
                claimed = the_only(party.commit().claimed_entities)
                assert len(claimed.operations) == 1
            receipt = party.operate(claimed, state=value("1"))
        assert names(the_only(receipt.claimed_entities)) == ["c"]

    def test_e15_results_of_operations_that_are_not_in_hand_are_left_out(
        self, party: Party
    ) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        party.run(party.start(), call(0))
        other = the_only(party.commit(messages=[signal("other")], claims=False).sent)
        unknown = attrs.evolve(result(claimed.operations[0]), number=10**9)
        receipt = party.operate(claimed, results=(unknown,), state=value("1"))
        assert (receipt.entities, receipt.claimed, other) == ((None,), (), 1)
        party.claim = EVERYTHING
        by_key = {each.lease.entity.key: each for each in party.commit().claimed_entities}
        assert len(by_key["k"].operations) == 2

    # ---- callers that are gone ---------------------------------------------------------------

    def test_e15_a_call_that_is_cancelled_before_it_ran_is_taken_back(self, party: Party) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        cancel = CancelEntityCall(number=0, entity=counter())
        party.run(party.start(), call(0, operation="a"), call(1, operation="b"), cancel)
        party.claim = EVERYTHING
        assert names(the_only(party.commit().claimed_entities)) == ["b"]

    def test_e15_the_result_of_a_call_that_was_cancelled_as_it_ran_is_for_nobody(
        self, party: Party
    ) -> None:
        claimed = the_only(party.run(party.start(), call(0)).claimed_entities)
        woken = the_only(party.commit(messages=[event()]).claimed)
        party.run(woken, CancelEntityCall(number=0, entity=counter()))
        receipt = party.operate(claimed, "1", state=value("1"))
        assert (receipt.entities, receipt.claimed) == ((None,), ())
        record = party.engine.entity(counter())
        assert record is not None and record.state == value("1")

    def test_e15_cancelling_a_call_that_was_answered_changes_nothing(self, party: Party) -> None:
        claimed = the_only(party.run(party.start(), call(0)).claimed_entities)
        woken = the_only(party.operate(claimed, "1").claimed)
        receipt = party.run(woken, CancelEntityCall(number=0, entity=counter()))
        assert (receipt.episodes, receipt.claimed) == ((None,), ())

    @pytest.mark.parametrize("how", ["ends", "continues", "terminated"])
    def test_e11_queued_calls_of_an_execution_that_is_over_are_taken_back(
        self, party: Party, how: str
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        sends = SignalEntity(number=1, entity=counter(), operation="b", input=value())
        party.run(party.start(), call(0, operation="a"), sends)
        woken = the_only(party.commit(messages=[event()]).claimed)
        if how == "terminated":
            party.commit(messages=[Terminate(instance_id="i", reason="")])
        else:
            party.run(woken, ended=completed() if how == "ends" else continued())
        party.claim = EVERYTHING
        assert names(the_only(party.commit().claimed_entities)) == ["b"]

    def test_e11_the_result_of_a_call_is_not_for_the_next_execution(self, party: Party) -> None:
        claimed = the_only(party.run(party.start(), call(0)).claimed_entities)
        woken = the_only(party.commit(messages=[event()]).claimed)
        party.run(the_only(party.run(woken, ended=continued()).claimed))
        assert party.operate(claimed, "1").claimed == ()

    # ---- what operations ask for -------------------------------------------------------------

    def test_e15_what_operations_ask_for_is_done_with_their_commit(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        due = clock.now() + timedelta(seconds=5)
        sent = result(
            claimed.operations[0],
            messages=(event(data=value("1")), signal("other"), signal("later", due=due)),
            starts=(create("new"),),
        )
        receipt = party.operate(claimed, results=(sent,), state=value("1"))
        by_id = {each.lease.instance_id: each for each in receipt.claimed}
        assert set(by_id) == {"i", "new"}
        assert delivered(by_id["i"]) == [EventReceived(name="go", data=value("1"))]
        assert the_only(receipt.claimed_entities).lease.entity == counter("other")
        assert receipt.next_due == due

    def test_e15_what_cannot_be_done_for_an_operation_is_logged(
        self, party: Party, caplog: pytest.LogCaptureFixture
    ) -> None:
        party.start("taken")
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        sent = result(claimed.operations[0], messages=(event("nobody"),), starts=(create("taken"),))
        with caplog.at_level(logging.WARNING, "durable_async.engines"):
            receipt = party.operate(claimed, results=(sent,))
        assert receipt.entities == (None,)
        assert "'nobody'" in caplog.text and "'taken'" in caplog.text

    def test_e15_messages_of_an_episode_that_is_refused_are_not_queued(self, party: Party) -> None:
        receipt = party.run(party.start(), call(0), length=4)
        assert receipt.claimed_entities == ()
        assert party.engine.entity(counter()) is None

    # ---- state -------------------------------------------------------------------------------

    def test_e15_the_state_is_given_with_the_operations(self, engine: Engine, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        party.operate(claimed, state=value('{"n": 1}'))
        engine.close_session(party.session)
        engine = self.reopen(engine)
        party = Party.join(engine)
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        assert claimed.state == value('{"n": 1}')

    def test_e15_an_entity_without_state_is_gone_when_nothing_is_queued(self, party: Party) -> None:
        claimed = the_only(party.commit(messages=[signal()]).claimed_entities)
        party.commit(messages=[signal(operation="more")])
        receipt = party.operate(claimed, state=None)
        record = party.engine.entity(counter())
        assert record is not None and (record.state, record.queued) == (None, 1)
        party.operate(the_only(receipt.claimed_entities), state=None)
        assert party.engine.entity(counter()) is None

    def test_e15_entities_with_a_state_are_listed_in_order_of_their_ids(
        self, engine: Engine
    ) -> None:
        both = attrs.evolve(EVERYTHING, entities=frozenset({"counter", "cart"}))
        party = Party.join(engine, claim=both)
        ids = [EntityId("cart", "a"), *(counter(key) for key in ["a", "a2", "B", "\u00e9"])]
        signals = [attrs.evolve(signal(), entity=each) for each in ids]
        for claimed in party.commit(messages=signals).claimed_entities:
            party.operate(claimed, state=value(f'"{claimed.lease.entity.key}"'))
        party.claim = attrs.evolve(EVERYTHING, max_entities=0)
        party.commit(messages=[signal("no state yet")])

        def keys(**query: Any) -> list[str]:
            page = engine.entities(EntityQuery(**query))
            return [each.entity.key for each in page.records]

        assert keys() == ["a", "B", "a", "a2", "\u00e9"]
        assert keys(type="cart") == ["a"]
        assert keys(type="counter", key_prefix="a") == ["a", "a2"]
        page = engine.entities(EntityQuery(limit=2))
        assert page.more and [each.entity for each in page.records] == [ids[0], counter("B")]
        after = EntityQuery(limit=3, after=page.records[-1].entity)
        rest = engine.entities(after)
        assert not rest.more and [each.entity.key for each in rest.records] == ["a", "a2", "\u00e9"]

    def test_e15_every_entity_is_listed_whatever_its_key_begins_with(
        self, engine: Engine, party: Party
    ) -> None:
        # What sorts before digits and letters, is a number, or means something in a pattern.
        keys = [
            " ",
            "%",
            "*",
            "-",
            "-1",
            "-2",
            "/etc",
            "0",
            "1",
            "A",
            "[a]",
            "_",
            "\ue000",
            "\U0001f600",
        ]
        signals = [attrs.evolve(signal(), entity=counter(key)) for key in keys]
        for claimed in party.commit(messages=signals).claimed_entities:
            party.operate(claimed, state=value("1"))
        listed = [each.entity.key for each in engine.entities(EntityQuery()).records]
        assert listed == keys
        for key in keys:
            page = engine.entities(EntityQuery(type="counter", key_prefix=key))
            assert [each.entity.key for each in page.records] == [
                each for each in keys if each.startswith(key)
            ]

    def test_e15_an_operation_may_tell_whoever_called(self, party: Party) -> None:
        receipt: Receipt = party.run(party.start(), call(0))
        claimed = the_only(receipt.claimed_entities)
        sent = result(claimed.operations[0], "1", messages=(event(data=value("2")),))
        woken = the_only(party.operate(claimed, results=(sent,)).claimed)
        assert delivered(woken) == [
            # At one moment events come before what has a number.
            EventReceived(name="go", data=value("2")),
            CallCompleted(number=0, result=value("1")),
        ]
        send = SendEvent(number=1, instance_id="i", name="x", data=value())
        assert party.run(woken, send).episodes == (None,)
