"""Questions that an orchestrator answers while it runs."""

import asyncio
import logging
from typing import Any

import attrs
import pytest
from tests.unit.dsl.driving import both, failure, result, run

import durable_async as da
from durable_async.model.commands import AnswerRequest
from durable_async.model.history import EventAwaited, EventReceived
from durable_async.model.outcome import Outcome
from durable_async.model.payload import Payload


@attrs.frozen
class Question:
    amount: int


def asked(data: bytes, id: str = "r-1", name: str = "quote") -> EventReceived:
    return EventReceived(name=name, data=Payload(data), request_id=id)


def answers(outcome: Outcome) -> list[tuple[str, bytes | None, str]]:
    return [
        (each.request_id, None if each.result is None else each.result.data, each.reason)
        for each in outcome.commands
        if isinstance(each, AnswerRequest)
    ]


@da.orchestrator
async def quoting() -> int:
    count = 0
    async for request in da.requests("quote", Question):
        if request.data.amount < 0:
            request.reject("negative")
        elif request.data.amount == 0:
            return count
        else:
            request.reply(Question(request.data.amount * 2))
        count += 1
    return -1


def test_a_request_comes_typed_and_is_answered() -> None:
    history, last = run(quoting, asked(b'{"amount": 4}'))
    assert answers(last) == [("r-1", b'{"amount":8}', "")]
    (first, _) = [each for each in history if isinstance(each, EventAwaited)]
    assert (first.name, first.request) == ("quote", True)
    assert first.line.startswith(__file__)
    (answer,) = [each for each in last.commands if isinstance(each, AnswerRequest)]
    assert answer.line.startswith(__file__)
    assert result(both(quoting, asked(b'{"amount": 4}'), asked(b'{"amount": 0}', "r-2"))) == 1


def test_a_request_can_be_turned_down() -> None:
    assert answers(both(quoting, asked(b'{"amount": -1}'))) == [("r-1", None, "negative")]


def test_data_that_does_not_fit_is_turned_down_with_the_reason_and_the_loop_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, last = run(quoting, asked(b'{"amount": "four"}'))
    ((request_id, value, reason),) = answers(last)
    assert (request_id, value) == ("r-1", None)
    assert reason == (
        "the data of request 'quote', at .amount, is 'four' (str), which does not fit int"
    )
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and record.name == "durable_async.worker"
    assert record.getMessage().startswith("[order-1] a request is turned down: ")
    again = both(quoting, asked(b"null"), asked(b'{"amount": 4}', "r-2"))
    assert answers(again) == [("r-2", b'{"amount":8}', "")]


def test_data_that_is_no_json_is_turned_down_too() -> None:
    ((_, value, reason),) = answers(both(quoting, asked(b"{")))
    assert value is None and "the data of request 'quote' is no JSON" in reason


def test_it_may_be_answered_later_in_another_order() -> None:
    @da.orchestrator
    async def collecting() -> None:
        waiting = []
        async for request in da.requests("quote"):
            waiting.append(request)
            if len(waiting) == 2:
                break
        for number, request in enumerate(reversed(waiting)):
            request.reply(number)

    last = both(collecting, asked(b"1"), asked(b"2", "r-2"))
    assert answers(last) == [("r-2", b"0", ""), ("r-1", b"1", "")]


def test_one_that_the_code_leaves_alone_stays_open() -> None:
    @da.orchestrator
    async def ignoring() -> str:
        async for request in da.requests("quote", int | None):
            return repr(request)
        return ""

    last = both(ignoring, asked(b"null"))
    assert result(last) == "<request 'quote', open, of None>"
    assert answers(last) == []


@pytest.mark.parametrize("second", ["reply", "reject"])
def test_a_second_answer_is_an_error_that_names_both_lines(second: str) -> None:
    @da.orchestrator
    async def twice() -> None:
        async for request in da.requests("quote"):
            request.reply(1)
            getattr(request, second)("again")

    message = failure(both(twice, asked(b"1")))
    assert message.startswith("builtins:RuntimeError: request 'quote' is answered a second time")
    assert message.count(__file__) == 2


def test_an_answer_without_a_stored_form_leaves_the_request_open() -> None:
    @da.orchestrator
    async def careful() -> str:
        async for request in da.requests("quote"):
            try:
                request.reply(float("nan"))
            except da.SerializationError as error:
                request.reply(None)
                return str(error)
        return ""

    last = both(careful, asked(b"1"))
    assert "the reply to request 'quote' is nan" in result(last)
    assert answers(last) == [("r-1", b"null", "")]


def test_a_reason_is_not_empty() -> None:
    @da.orchestrator
    async def silent() -> None:
        async for request in da.requests("quote"):
            request.reject("")

    assert "the reason of a rejection must not be empty" in failure(both(silent, asked(b"1")))


def test_a_loop_that_is_cancelled_takes_no_more() -> None:
    @da.orchestrator
    async def short() -> int:
        seen: list[Any] = []

        async def serve() -> None:
            async for request in da.requests("quote"):
                seen.append(request.data)

        server = asyncio.create_task(serve())
        await da.wait_for_event("stop")
        server.cancel()
        return len(seen)

    stop = EventReceived(name="stop", data=Payload(b"null"))
    assert result(both(short, asked(b"1"), stop)) == 1
