"""What operators tell instances: what is sent, what is refused, what is made of the answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from durable_async.client import handle as handles
from durable_async.client import patience
from durable_async.client.handle import Handle
from durable_async.client.purging import purged
from durable_async.client.queries import ended_only, query_of
from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceCancelledError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InstanceTerminatedError,
    InvalidStateError,
    RequestRejectedError,
    SerializationError,
    StoreError,
)
from durable_async.model.history import EventAwaited
from durable_async.model.payload import Payload
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import (
    Answer,
    Cancel,
    CreateInstance,
    ForgetAnswer,
    InstanceRecord,
    Message,
    Page,
    Purge,
    RaiseEvent,
    Resume,
    Rewind,
    Suspend,
    Terminate,
)

from .connections import FakeConnection, a_record, handle_on

Verb = Callable[[Handle[Any], str], Awaitable[object]]

VERBS: list[tuple[Verb, Message]] = [
    (lambda handle, reason: handle.cancel(reason), Cancel(instance_id="a", reason="because")),
    (lambda handle, reason: handle.suspend(reason), Suspend(instance_id="a", reason="because")),
    (lambda handle, reason: handle.resume(reason), Resume(instance_id="a", reason="because")),
    (lambda handle, reason: handle.rewind(reason), Rewind(instance_id="a", reason="because")),
    (
        lambda handle, reason: handle.terminate(reason),
        Terminate(instance_id="a", reason="because", recursive=True),
    ),
    (
        lambda handle, reason: handle.terminate(reason, recursive=False),
        Terminate(instance_id="a", reason="because", recursive=False),
    ),
]
NAMES = [type(message).__name__ for _, message in VERBS]


@pytest.mark.parametrize(("verb", "message"), VERBS, ids=NAMES)
async def test_a_verb_sends_its_message_with_the_reason(verb: Verb, message: Message) -> None:
    connection = FakeConnection()
    await verb(handle_on(connection), "because")
    assert connection.messages == [message]


@pytest.mark.parametrize(("verb", "message"), VERBS, ids=NAMES)
async def test_a_reason_that_cannot_be_stored_is_refused_before_anything_is_sent(
    verb: Verb, message: Message
) -> None:
    connection = FakeConnection()
    with pytest.raises(ValueError, match="the reason"):
        await verb(handle_on(connection), "half a \ud800")
    await verb(handle_on(connection), "two\nlines")
    assert len(connection.messages) == 1


async def test_a_purge_says_how_many_went() -> None:
    connection = FakeConnection(on_send=lambda _: 3)
    assert await handle_on(connection).purge() == 3
    assert connection.messages == [Purge(instance_id="a")]


# ---- restart -------------------------------------------------------------------------------


async def test_a_restart_takes_over_what_the_instance_was_started_with() -> None:
    ended = a_record(
        status=RuntimeStatus.FAILED,
        version="2",
        input=Payload(b'["o-1"]'),
        tags={"shop": "x"},
        queue="slow",
    )
    connection = FakeConnection(records={"a": ended})
    handle = await handle_on(connection).restart()
    (request,) = connection.creations
    assert handle.id == "a"
    assert (request.instance_id, request.if_exists) == ("a", "replace")
    assert (request.name, request.version, request.queue) == ("flow", "2", "slow")
    assert request.input == Payload(b'["o-1"]') and request.tags == {"shop": "x"}
    assert request.parent is None and request.execution_id != "e"


async def test_a_restart_under_another_id_replaces_nothing() -> None:
    connection = FakeConnection(records={"a": a_record(status=RuntimeStatus.COMPLETED)})
    assert (await handle_on(connection).restart("b")).id == "b"
    assert connection.creations[0].if_exists == "raise"
    with pytest.raises(ValueError, match="must not be empty"):
        await handle_on(connection).restart("")


async def test_a_live_instance_is_not_restarted() -> None:
    connection = FakeConnection(records={"a": a_record(status=RuntimeStatus.SUSPENDED)})
    with pytest.raises(InvalidStateError, match=r"'a' is SUSPENDED.*terminate"):
        await handle_on(connection).restart()
    assert connection.creations == []


async def test_of_two_restarts_the_second_finds_a_live_instance() -> None:
    connection = FakeConnection(records={"a": a_record(status=RuntimeStatus.FAILED)})

    def taken(request: CreateInstance) -> None:
        connection.records["a"] = a_record(status=RuntimeStatus.PENDING)
        raise InstanceAlreadyExistsError("taken")

    connection.on_create = taken
    with pytest.raises(InvalidStateError, match="'a' is PENDING"):
        await handle_on(connection).restart()
    connection.records["a"] = a_record(status=RuntimeStatus.FAILED)
    with pytest.raises(InstanceAlreadyExistsError):
        await handle_on(connection).restart("b")


# ---- the reason of an end ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (RuntimeStatus.CANCELLED, InstanceCancelledError),
        (RuntimeStatus.TERMINATED, InstanceTerminatedError),
    ],
)
async def test_whoever_awaits_the_result_hears_why_there_is_none(
    status: RuntimeStatus, error: type[Exception]
) -> None:
    connection = FakeConnection(records={"a": a_record(status=status, reason="too late")})
    with pytest.raises(error, match=rf"'a' was {status.lower()}: too late\. It has no result"):
        await handle_on(connection).result()
    assert not issubclass(error, asyncio.CancelledError)
    state = await handle_on(connection).wait()
    assert (state.status, state.reason) == (status, "too late")


async def test_an_end_without_a_reason_is_told_without_one() -> None:
    connection = FakeConnection(records={"a": a_record(status=RuntimeStatus.CANCELLED, reason="")})
    with pytest.raises(InstanceCancelledError, match=r"'a' was cancelled\. It has no result"):
        await handle_on(connection).result()


# ---- asking --------------------------------------------------------------------------------


async def asked(connection: FakeConnection, *args: Any, **settings: Any) -> asyncio.Task[Any]:
    """The question, once it has been sent."""
    task = asyncio.create_task(handle_on(connection).ask(*args, **settings))
    while not connection.messages and not task.done():
        await asyncio.sleep(0)
    return task


async def test_a_question_is_answered_and_the_answer_forgotten() -> None:
    connection = FakeConnection()
    task = await asked(connection, "price", {"item": 7}, tuple[int, ...])
    (request,) = connection.messages
    assert isinstance(request, RaiseEvent)
    assert (request.instance_id, request.name) == ("a", "price")
    assert request.data == Payload(b'{"item":7}')
    assert request.request_id is not None
    connection.answer.set_result(Answer(Payload(b"[1,2]")))
    assert await task == (1, 2)
    assert connection.messages[1:] == [ForgetAnswer(request_id=request.request_id)]


async def test_each_question_has_an_id_of_its_own() -> None:
    connection = FakeConnection()
    connection.answer.set_result(Answer(Payload(b"0")))
    for _ in range(3):
        assert await handle_on(connection).ask("price") == 0
    ids = {each.request_id for each in connection.messages if isinstance(each, RaiseEvent)}
    assert len(ids) == 3


@pytest.mark.parametrize("value", [b"null", b"0", b'""', b"false", b"[]"])
async def test_falsy_answers_are_answers(value: bytes) -> None:
    connection = FakeConnection()
    connection.answer.set_result(Answer(Payload(value)))
    assert not await handle_on(connection).ask("price")


async def test_a_rejected_question_says_why() -> None:
    connection = FakeConnection()
    connection.answer.set_result(Answer(None, reason="sold out"))
    with pytest.raises(RequestRejectedError, match="'a' rejected request 'price': sold out"):
        await handle_on(connection).ask("price")
    assert isinstance(connection.messages[-1], ForgetAnswer)


async def test_an_answer_that_does_not_fit_is_refused_by_name() -> None:
    connection = FakeConnection()
    connection.answer.set_result(Answer(Payload(b'"much"')))
    with pytest.raises(SerializationError, match="the answer to request 'price'"):
        await handle_on(connection).ask("price", None, int)


async def test_what_cannot_be_asked_is_refused_before_it_is_sent() -> None:
    connection = FakeConnection()
    handle = handle_on(connection)
    with pytest.raises(ValueError, match="the name of a request must not be empty"):
        await handle.ask("")
    with pytest.raises(SerializationError, match="the data of request 'price'"):
        await handle.ask("price", object())
    with pytest.raises(ValueError, match="timeout"):
        await handle.ask("price", timeout=float("nan"))
    assert connection.messages == []


async def test_an_instance_that_ends_without_an_answer_ends_the_wait() -> None:
    connection = FakeConnection()
    connection.answer.set_exception(InstanceFinishedError("it has ended"))
    with pytest.raises(InstanceFinishedError):
        await handle_on(connection).ask("price")


@pytest.mark.parametrize("timeout", [0.01, timedelta(milliseconds=1), 0])
async def test_a_question_that_takes_too_long_says_what_to_do(timeout: Any) -> None:
    connection = FakeConnection()
    with pytest.raises(TimeoutError, match=r"has not answered request 'price'.*stack\(\)"):
        await handle_on(connection).ask("price", timeout=timeout)
    assert len(connection.messages) == 1  # it stays asked


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"status": RuntimeStatus.BLOCKED, "blocked": "quarantined: five workers died"},
            r"It is BLOCKED: quarantined\. Its stack\(\) says more",
        ),
        ({"status": RuntimeStatus.SUSPENDED, "suspended": ""}, r"It is SUSPENDED\. None of its"),
        (
            {"status": RuntimeStatus.SUSPENDED, "suspended": "stocktaking"},
            "It is SUSPENDED: stocktaking. None of its code runs until it is resumed",
        ),
    ],
)
async def test_who_waits_in_vain_for_what_does_not_run_is_told_so(
    changes: dict[str, Any], why: str
) -> None:
    connection = FakeConnection(records={"a": a_record(**changes)})
    with pytest.raises(TimeoutError, match=f"has not answered request 'price'.*asked.*{why}"):
        await handle_on(connection).ask("price", timeout=0)


async def test_why_a_wait_was_in_vain_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LAST_LOOK", 0.01)
    connection = FakeConnection()

    async def never(instance_id: str) -> InstanceRecord:
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(FakeConnection, "record", staticmethod(never))
    with pytest.raises(TimeoutError, match=r"says whether it waits for requests"):
        await handle_on(connection).ask("price", timeout=0)


async def test_a_timeout_from_elsewhere_is_not_taken_for_its_own() -> None:
    connection = FakeConnection()
    connection.answer.set_exception(TimeoutError("of the store"))
    with pytest.raises(TimeoutError, match="of the store"):
        await handle_on(connection).ask("price", timeout=60)


async def test_a_wait_that_is_cancelled_is_over_and_the_question_stays() -> None:
    connection = FakeConnection()
    task = await asked(connection, "price")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [type(each) for each in connection.messages] == [RaiseEvent]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "request prise at f.py:3"),
        ({"status": RuntimeStatus.SUSPENDED, "suspended": "stocktaking"}, "it is SUSPENDED: stock"),
    ],
)
async def test_whoever_waits_long_for_an_answer_is_told_what_the_instance_does(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(patience, "LOOK_AFTER", 0)
    told = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(
        handles._logger, "warning", lambda text, *args: told.set_result(text % args)
    )
    wait = EventAwaited(number=0, name="prise", request=True, line="f.py:3")
    connection = FakeConnection(records={"a": a_record(**changes)}, histories={"a": (wait,)})
    task = await asked(connection, "price")
    message = await told
    task.cancel()
    assert "'a' was asked 'price', and has not answered" in message
    assert words in message


async def test_an_answer_that_cannot_be_forgotten_is_given_all_the_same() -> None:
    def send(message: Message) -> int:
        if isinstance(message, ForgetAnswer):
            raise StoreError("the disk is full")
        return 1

    connection = FakeConnection(on_send=send)
    connection.answer.set_result(Answer(Payload(b"5")))
    assert await handle_on(connection).ask("price") == 5


# ---- purging many --------------------------------------------------------------------------


async def test_a_purge_goes_through_all_pages_and_counts_what_went() -> None:
    def send(message: Message) -> int:
        assert isinstance(message, Purge)
        match message.instance_id:
            case "child":
                raise InstanceNotFoundError("gone with its parent")
            case "reborn":
                raise InvalidStateError("started anew meanwhile")
            case "parent":
                return 2
            case _:
                return 1

    def page(*ids: str, next: str | None) -> Page:
        return Page(tuple(a_record(instance_id=each) for each in ids), next)

    connection = FakeConnection(
        on_send=send, pages=[page("parent", "child", next="1"), page("reborn", "c", next=None)]
    )
    counts = [count async for count in purged(connection, query_of(name="flow"))]
    assert counts == [2, 1]
    first, second = connection.queries
    assert (first.status, first.name, first.after) == (ENDED, "flow", None)
    assert second.after == "1"


async def test_a_purge_that_fails_says_so() -> None:
    def send(message: Message) -> int:
        raise StoreError("the disk is full")

    connection = FakeConnection(on_send=send, pages=[Page((a_record(),), None)])
    with pytest.raises(StoreError, match="disk"):
        _ = [count async for count in purged(connection, query_of())]


def test_only_ended_instances_are_purged() -> None:
    assert ended_only(None) == ENDED
    assert ended_only(RuntimeStatus.FAILED) == {RuntimeStatus.FAILED}
    assert ended_only([RuntimeStatus.FAILED, RuntimeStatus.COMPLETED]) < ENDED
    with pytest.raises(ValueError, match="BLOCKED, RUNNING is that of live instances"):
        ended_only([RuntimeStatus.RUNNING, RuntimeStatus.BLOCKED, RuntimeStatus.FAILED])
