"""What clients ask. Invariant: one id, one instance; a message reaches a live one, or its sender is
told."""

from __future__ import annotations

import logging

import attrs
import pytest

from durable_async.engines.limits import HISTORY_LIMIT, HISTORY_WARNING
from durable_async.errors import (
    DurableError,
    HistoryLimitError,
    InstanceAlreadyExistsError,
    InstanceFinishedError,
    InstanceNotFoundError,
)
from durable_async.model.commands import (
    RecordSideEffect,
)
from durable_async.model.history import (
    EventReceived,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    Created,
    InstanceQuery,
    Terminate,
)
from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    Party,
    completed,
    create,
    delivered,
    event,
    failed_with,
    the_only,
    value,
)

__all__ = ["ClientRules"]


class ClientRules(Conformance):
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
