"""Events, requests and answers between instances and clients (E10). Invariant: what was sent
reaches a live instance, in order, or is dropped aloud; a request has one answer."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from durable_async.model.commands import AnswerRequest, SendEvent, StartInstance
from durable_async.model.history import EventReceived
from durable_async.model.work import Answer, ForgetAnswer, Purge
from durable_async.ports import Engine
from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    Party,
    SettableClock,
    completed,
    create,
    delivered,
    event,
    the_only,
    value,
)

__all__ = ["MessageRules"]


def send(number: int, instance_id: str, text: str = "null") -> SendEvent:
    return SendEvent(number=number, instance_id=instance_id, name="go", data=value(text))


def answer(number: int, request_id: str = "r", text: str = "null") -> AnswerRequest:
    return AnswerRequest(number=number, request_id=request_id, result=value(text))


class MessageRules(Conformance):
    def test_e10_events_between_instances_come_in_the_order_of_their_sending(
        self, party: Party
    ) -> None:
        party.run(party.start("to"))
        sends = [send(number, "to", f"{number}") for number in range(3)]
        woken = the_only(party.run(party.start("from"), *sends).claimed)
        assert woken.lease.instance_id == "to"
        assert delivered(woken) == [
            EventReceived(name="go", data=value(f"{number}")) for number in range(3)
        ]

    def test_e10_an_event_to_nobody_is_dropped_and_logged(
        self, party: Party, caplog: pytest.LogCaptureFixture
    ) -> None:
        party.run(party.start("ended"), ended=completed())
        with caplog.at_level(logging.WARNING, "durable_async.engines"):
            receipt = party.run(party.start("from"), send(0, "nobody"), send(1, "ended"))
        assert (receipt.episodes, receipt.claimed) == ((None,), ())
        assert "'nobody'" in caplog.text and "'ended'" in caplog.text and "'from'" in caplog.text

    def test_e10_an_instance_may_send_to_itself(self, party: Party) -> None:
        woken = the_only(party.run(party.start("i"), send(0, "i", "1")).claimed)
        assert delivered(woken) == [EventReceived(name="go", data=value("1"))]

    def test_e10_events_of_an_episode_that_is_refused_are_not_sent(self, party: Party) -> None:
        party.run(party.start("to"))
        receipt = party.run(party.start("from"), send(0, "to"), length=9)
        assert [each.lease.instance_id for each in receipt.claimed] == ["from"]

    def test_e11_what_an_instance_sent_before_it_ended_is_delivered(self, party: Party) -> None:
        party.run(party.start("to"))
        receipt = party.run(party.start("from"), send(0, "to"), ended=completed())
        assert delivered(the_only(receipt.claimed)) == [EventReceived(name="go", data=value())]

    def test_e10_whoever_is_started_in_an_episode_gets_its_events(self, party: Party) -> None:
        start = StartInstance(number=0, request=create("to"))
        receipt = party.run(party.start("from"), start, send(1, "to", "1"))
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        assert delivered(claimed["to"]) == [EventReceived(name="go", data=value("1"))]

    # ---- requests ----------------------------------------------------------------------------

    def test_e10_a_request_is_news_with_its_id(self, party: Party) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event(request_id="r")]).claimed)
        assert delivered(woken) == [EventReceived(name="go", data=value(), request_id="r")]

    def test_e10_an_answer_is_there_with_its_episode_and_named_in_the_receipt(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = party.start()
        assert engine.answer("r") is None
        reject = AnswerRequest(number=1, request_id="q", reason="not now")
        receipt = party.run(claimed, answer(0, "r", "7"), reject)
        assert receipt.answered == ("r", "q")
        assert engine.answer("r") == Answer(value("7"))
        assert engine.answer("q") == Answer(None, "not now")
        assert party.commit().answered == ()

    def test_e10_the_first_answer_counts(self, engine: Engine, party: Party) -> None:
        receipt = party.run(party.start(), answer(0, "r", "1"), answer(1, "r", "2"))
        assert receipt.answered == ("r",)
        assert engine.answer("r") == Answer(value("1"))

    def test_e10_an_answer_given_at_the_end_is_there(self, engine: Engine, party: Party) -> None:
        receipt = party.run(party.start(), answer(0, "r", "1"), ended=completed())
        assert receipt.answered == ("r",)
        assert engine.answer("r") == Answer(value("1"))

    def test_e10_who_has_the_answer_lets_it_be_forgotten(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start(), answer(0, "r"), answer(1, "s"))
        forget = ForgetAnswer(request_id="r")
        assert party.commit(messages=[forget, forget]).sent == (1, 1)
        assert engine.answer("r") is None
        assert engine.answer("s") is not None

    def test_e10_an_answer_nobody_fetches_is_dropped_after_a_day(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start(), answer(0, "r"))
        clock.advance(timedelta(hours=23).total_seconds())
        party.commit()
        assert engine.answer("r") is not None
        clock.advance(timedelta(hours=2).total_seconds())
        party.commit(messages=[event()])
        assert engine.answer("r") is None

    @pytest.mark.parametrize("how", ["purge", "replace"])
    def test_e10_answers_go_with_their_instance(
        self, engine: Engine, party: Party, how: str
    ) -> None:
        party.run(party.start(), answer(0, "r"), ended=completed())
        if how == "purge":
            party.commit(messages=[Purge(instance_id="i")])
        else:
            party.commit(creates=[create(execution_id="i-2", if_exists="replace")])
        assert engine.answer("r") is None

    def test_e10_an_answer_outlives_its_worker(self, engine: Engine, party: Party) -> None:
        party.run(party.start(), answer(0, "r", "1"))
        engine.close_session(party.session)
        assert self.reopen(engine).answer("r") == Answer(value("1"))
