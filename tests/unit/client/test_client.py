"""The client: what it asks of the engine, what it refuses before asking, and what it shows."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import attrs
import pytest

from durable_async.client import handle as handles
from durable_async.client import patience
from durable_async.client.client import Client
from durable_async.client.handle import Handle
from durable_async.convert.texts import ID_LIMIT
from durable_async.convert.values import Converter
from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import wait_for_event
from durable_async.engines.memory import MemoryEngine, queries
from durable_async.engines.thread import EngineThread
from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InstanceTerminatedError,
    NotDurableError,
    SerializationError,
    StoreError,
)
from durable_async.model.history import EventReceived, ExecutionStarted
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.testing import environment


@orchestrator
async def checkout(order_id: str, items: list[int]) -> list[str]:
    return [order_id, *map(str, items)]


@orchestrator
async def other(order_id: str) -> None: ...


@activity
async def charge(order_id: str) -> str:
    return order_id


async def plain(order_id: str) -> str:
    return order_id


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a store that no worker works on."""
    engine = MemoryEngine()
    async with Client(lambda: EngineThread(engine), converter=Converter(), name="memory") as client:
        yield client


# ---- starting ------------------------------------------------------------------------------


async def test_a_start_stores_the_call(client: Client) -> None:
    handle = await client.start(checkout("o-1", [1, 2]), id="a", tags={"shop": "x"})
    state = await handle.state()
    assert handle.id == "a"
    assert (state.id, state.name, state.version) == ("a", "checkout", None)
    assert state.status is RuntimeStatus.PENDING
    assert state.input == ["o-1", [1, 2]]
    assert state.tags == {"shop": "x"}
    assert state.parent_id is None
    first, *rest = await handle.history()
    assert isinstance(first, ExecutionStarted) and not rest
    assert first.execution_id == state.execution_id


async def test_ids_are_made_up_and_differ(client: Client) -> None:
    handles = [await client.start(checkout("o-1", [])) for _ in range(10)]
    assert len({handle.id for handle in handles}) == 10


async def test_a_call_may_be_given_to_a_client_again(client: Client) -> None:
    call = checkout("o-1", [])
    await client.start(call, id="a")
    await client.start(call, id="b")
    assert await client.count() == 2


async def test_what_options_say_holds_for_a_start(client: Client) -> None:
    named = checkout.options(id="a", tags={"x": "1"})
    handle = await client.start(named("o-1", []))
    assert handle.id == "a"
    assert (await handle.state()).tags == {"x": "1"}
    await client.start(named("o-1", []), id="a", if_exists="attach")
    with pytest.raises(TypeError, match="Say it once"):
        await client.start(named("o-1", []), id="b")
    with pytest.raises(TypeError, match="Say it once"):
        await client.start(named("o-1", []), tags={"x": "2"})


async def test_a_taken_id_is_refused(client: Client) -> None:
    await client.start(checkout("o-1", []), id="a")
    with pytest.raises(InstanceAlreadyExistsError, match="'a'"):
        await client.start(checkout("o-2", []), id="a")


async def test_attaching_gives_the_instance_that_is_there_and_says_so(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "durable_async.client")
    await client.start(checkout("o-1", []), id="a")
    handle = await client.start(checkout("o-2", []), id="a", if_exists="attach")
    assert (await handle.state()).input == ["o-1", []]
    assert "'a'" in caplog.text and "not used" in caplog.text
    with pytest.raises(InstanceAlreadyExistsError, match=r"checkout.*other"):
        await client.start(other("o-1"), id="a", if_exists="attach")


async def test_an_ended_instance_is_replaced_and_a_live_one_is_not(client: Client) -> None:
    first = await client.start(checkout("o-1", []), id="a")
    with pytest.raises(InstanceAlreadyExistsError):
        await client.start(checkout("o-2", []), id="a", if_exists="replace")
    await first.terminate()
    second = await client.start(checkout("o-2", []), id="a", if_exists="replace")
    assert (await second.state()).input == ["o-2", []]


async def test_concurrent_starts_of_one_id_have_one_winner(client: Client) -> None:
    outcomes = await asyncio.gather(
        *(client.start(checkout(f"o-{n}", []), id="a") for n in range(20)), return_exceptions=True
    )
    assert sum(isinstance(each, Handle) for each in outcomes) == 1
    assert sum(isinstance(each, InstanceAlreadyExistsError) for each in outcomes) == 19


async def test_start_at_is_kept_in_utc(client: Client) -> None:
    zone = timezone(timedelta(hours=2))
    await client.start(other("x"), start_at=datetime(2050, 1, 1, 2, tzinfo=zone))
    with pytest.raises(ValueError, match=r"start_at is 2050.*time zone"):
        await client.start(other("x"), start_at=datetime(2050, 1, 1))
    with pytest.raises(TypeError, match=r"start_at must be a datetime, not .tomorrow. of type str"):
        await client.start(other("x"), start_at="tomorrow")  # type: ignore[arg-type]  # as meant
    assert await client.count() == 1


@pytest.mark.parametrize(
    ("id", "error", "why"),
    [
        ("", ValueError, "must not be empty"),
        ("x" * (ID_LIMIT + 1), ValueError, "255"),
        ("a\nb", ValueError, "control character"),
        ("a\x00", ValueError, "control character"),
        ("a\x7f", ValueError, "control character"),
        ("a\x85", ValueError, "control character"),
        ("a\ud800", ValueError, "surrogate"),
        (3, TypeError, "must be a str"),
    ],
)
async def test_what_cannot_be_an_id_is_refused(
    client: Client, id: Any, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        await client.start(other("x"), id=id)
    with pytest.raises(error, match=why):
        client.handle(id)
    assert await client.count() == 0


@pytest.mark.parametrize("id", ["x" * ID_LIMIT, " ", "Ünïcödé/..?&%", "🦀", "A", "a"])
async def test_ids_are_kept_as_they_are(client: Client, id: str) -> None:
    await client.start(other("x"), id=id)
    assert [state.id async for state in client.list()] == [id]
    assert (await client.handle(id).state()).id == id


async def test_tags_are_text(client: Client) -> None:
    await client.start(other("x"), tags={"empty": "", "lines": "a\nb"})
    with pytest.raises(TypeError, match="tag 'n' must be a str"):
        await client.start(other("x"), tags={"n": 1})
    with pytest.raises(ValueError, match="name of a tag"):
        await client.start(other("x"), tags={"": "x"})
    with pytest.raises(TypeError, match=r"tags must map names to values.*not \['urgent'\]"):
        await client.start(other("x"), tags=["urgent"])


async def test_only_calls_of_orchestrators_can_be_started(client: Client) -> None:
    start: Any = client.start
    with pytest.raises(TypeError, match=r"charge is an activity.*await charge\(\.\.\.\) inside"):
        await start(charge("o-1"))
    with pytest.raises(TypeError, match=r"plain is a plain coroutine.*@da.orchestrator"):
        await start(plain("o-1"))
    with pytest.raises(TypeError, match=r"write start\(checkout\(\.\.\.\)\)"):
        await start(checkout)
    with pytest.raises(TypeError, match="not 3"):
        await start(3)
    with pytest.raises(ValueError, match='"attach"'):
        await start(other("x"), if_exists="ignore")
    assert await client.count() == 0


async def test_arguments_that_do_not_fit_are_refused_and_nothing_is_stored(client: Client) -> None:
    call: Any = checkout
    with pytest.raises(SerializationError, match="items"):
        await client.start(call("o-1", ["one"]))
    with pytest.raises(TypeError):
        call("o-1")
    assert await client.count() == 0


# ---- finding -------------------------------------------------------------------------------


async def test_instances_are_listed_newest_first_over_many_pages(client: Client) -> None:
    ids = [f"i{n:03}" for n in range(250)]
    for name in ids:
        await client.start(other("x"), id=name)
    assert [state.id async for state in client.list()] == ids[::-1]
    assert [state.id async for state in client.list(limit=120)] == ids[:129:-1]
    assert [state.id async for state in client.list(limit=0)] == []
    assert await client.count() == 250


async def test_every_condition_must_hold(client: Client) -> None:
    await client.start(checkout("o-1", []), id="a-1", tags={"x": "1", "y": "2"})
    await client.start(other("x"), id="a-2", tags={"x": "1"})
    await client.start(other("x"), id="b-1")
    await client.handle("b-1").terminate()

    async def ids(**conditions: Any) -> list[str]:
        found = [state.id async for state in client.list(**conditions)]
        assert await client.count(**conditions) == len(found)
        return found

    assert await ids(name="other") == ["b-1", "a-2"]
    assert await ids(id_prefix="a-") == ["a-2", "a-1"]
    assert await ids(tags={"x": "1"}) == ["a-2", "a-1"]
    assert await ids(tags={"x": "1", "y": "2"}) == ["a-1"]
    assert await ids(status=RuntimeStatus.TERMINATED) == ["b-1"]
    assert await ids(status="TERMINATED", name="other") == ["b-1"]
    assert await ids(status=[RuntimeStatus.PENDING, RuntimeStatus.RUNNING], name="other") == ["a-2"]
    assert await ids(created_after=datetime(2000, 1, 1, tzinfo=UTC), id_prefix="b") == ["b-1"]
    assert await ids(created_before=datetime(2000, 1, 1, tzinfo=UTC)) == []


async def test_conditions_that_cannot_be_are_refused_at_the_call(client: Client) -> None:
    with pytest.raises(ValueError, match="limit is -1"):
        client.list(limit=-1)
    with pytest.raises(ValueError, match=r"created_after.*time zone"):
        client.list(created_after=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match=r"'ALIVE' is no status: there are PENDING, RUNNING"):
        await client.count(status="ALIVE")
    with pytest.raises(TypeError, match="status must be a RuntimeStatus, or several, not 5"):
        await client.count(status=5)
    with pytest.raises(TypeError, match=r"limit must be a whole number.*not 1\.5"):
        client.list(limit=1.5)
    for condition in ("name", "id_prefix", "parent_id"):
        with pytest.raises(TypeError, match=f"{condition} must be a str, not 5 of type int"):
            await client.count(**{condition: 5})


async def test_a_handle_asks_nothing_until_it_is_used(client: Client) -> None:
    handle = client.handle("nobody")
    assert repr(handle) == "Handle('nobody')"
    for question in (
        handle.state(),
        handle.history(),
        handle.stack(),
        handle.result(),
        handle.wait(),
        handle.raise_event("go"),
        handle.terminate(),
    ):
        with pytest.raises(InstanceNotFoundError, match="'nobody'"):
            await question


# ---- telling -------------------------------------------------------------------------------


async def test_an_event_is_stored_before_raise_event_returns(client: Client) -> None:
    @orchestrator
    async def flow() -> Any:
        return await wait_for_event("go")

    async with environment([flow]) as env:
        handle = await env.client.start(flow(), start_at=env.now() + timedelta(days=1))
        await handle.raise_event("go", {"n": 1}, key="k")
        await handle.raise_event("go", {"n": 1}, key="k")
        assert await handle.result() == {"n": 1}
        events = [each for each in await handle.history() if isinstance(each, EventReceived)]
        assert events == [EventReceived(name="go", data=Payload(b'{"n":1}'), key="k")]


async def test_what_cannot_be_an_event_is_refused(client: Client) -> None:
    handle = await client.start(other("x"))
    with pytest.raises(ValueError, match="name of an event must not be empty"):
        await handle.raise_event("")
    with pytest.raises(ValueError, match="key of an event"):
        await handle.raise_event("go", key="")
    with pytest.raises(SerializationError, match="the data of event 'go'"):
        await handle.raise_event("go", object())


async def test_verbs_on_an_ended_instance_are_refused(client: Client) -> None:
    handle = await client.start(other("x"), id="a")
    await handle.terminate("enough of it")
    with pytest.raises(InstanceFinishedError, match="'a'"):
        await handle.terminate()
    with pytest.raises(InstanceFinishedError, match="'a'"):
        await handle.raise_event("go")


# ---- waiting -------------------------------------------------------------------------------


async def test_a_terminated_instance_has_no_result(client: Client) -> None:
    handle = await client.start(other("x"), id="a")
    await handle.terminate("enough of it")
    with pytest.raises(InstanceTerminatedError, match=r"'a'.*enough of it"):
        await handle.result()
    state = await handle.wait()
    assert state.status is RuntimeStatus.TERMINATED
    assert state.completed_at is not None


async def test_a_wait_that_takes_too_long_is_given_up_and_the_instance_goes_on(
    client: Client,
) -> None:
    handle = await client.start(other("x"), id="a")
    for wait in (handle.result, handle.wait):
        with pytest.raises(TimeoutError, match=r"'a' has not ended within 0\.01 seconds"):
            await wait(0.01)
        with pytest.raises(TimeoutError):
            await wait(timeout=timedelta(0))
        with pytest.raises(ValueError, match="timeout"):
            await wait(float("nan"))
    assert (await handle.state()).status is RuntimeStatus.PENDING


async def test_what_has_ended_is_never_late(client: Client) -> None:
    handle = await client.start(other("x"), id="a")
    await handle.terminate("enough of it")
    assert (await handle.wait(timeout=0)).status is RuntimeStatus.TERMINATED
    with pytest.raises(InstanceTerminatedError):
        await handle.result(timeout=0)


async def test_a_timeout_around_a_wait_is_the_callers_own(client: Client) -> None:
    handle = await client.start(other("x"))
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.01):
            await handle.result(60)
    assert "has not ended" not in str(caught.value)


async def test_results_are_built_by_the_type_that_is_known() -> None:
    @attrs.frozen
    class Receipt:
        cents: int

    @orchestrator
    async def flow() -> tuple[Receipt, ...]:
        return (Receipt(1), Receipt(2))

    async with environment([flow]) as env:
        handle = await env.client.start(flow(), id="a")
        assert await handle.result() == (Receipt(1), Receipt(2))
        assert (await handle.wait()).output == (Receipt(1), Receipt(2))
        assert await env.client.handle("a").result() == [{"cents": 1}, {"cents": 2}]
        assert await env.client.handle("a", tuple[Receipt, ...]).result() == (
            Receipt(1),
            Receipt(2),
        )
        with pytest.raises(SerializationError, match="the result"):
            await env.client.handle("a", int).result()


async def test_the_exception_of_the_orchestrator_is_raised_as_itself_and_each_time_anew() -> None:
    @orchestrator
    async def flow() -> None:
        raise LookupError("no such order", 7)

    async with environment([flow]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(LookupError) as first:
            await handle.result()
        with pytest.raises(LookupError) as second:
            await handle.result()
        assert first.value.args == ("no such order", 7)
        assert first.value is not second.value
        state = await handle.wait()
        assert state.status is RuntimeStatus.FAILED
        assert state.failure is not None
        assert state.failure.type_name == "builtins:LookupError"


async def test_an_exception_of_the_orchestrator_says_where_it_was_raised() -> None:
    @orchestrator
    async def flow() -> None:
        raise LookupError("no such order")

    async with environment([flow]) as env:
        handle = await env.client.start(flow(), id="order-1")
        with pytest.raises(LookupError) as caught:
            await handle.result()
        line = flow.fn.__code__.co_firstlineno + 2
        assert caught.value.__notes__ == [f"raised in instance 'order-1', at {__file__}:{line}"]


async def test_an_error_of_ours_names_no_line_of_ours() -> None:
    @orchestrator
    async def flow() -> int:
        return cast(int, "one")

    async with environment([flow]) as env:
        handle = await env.client.start(flow(), id="order-1")
        with pytest.raises(SerializationError) as caught:
            await handle.result()
        assert caught.value.__notes__ == ["raised in instance 'order-1'"]


@pytest.mark.parametrize("value", [0, "", False, None, []])
async def test_falsy_values_come_back(value: Any) -> None:
    @orchestrator
    async def flow(argument: Any) -> Any:
        return argument

    async with environment([flow]) as env:
        handle = await env.client.start(flow(value))
        assert await handle.result() == value
        assert (await handle.state()).input == [value]


class Caesar:
    """A codec that shifts bytes."""

    def encode(self, payload: Payload) -> Payload:
        return Payload(bytes((byte + 3) % 256 for byte in payload.data), "caesar")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "caesar":
            return payload
        return Payload(bytes((byte - 3) % 256 for byte in payload.data))


async def test_with_a_codec_the_store_has_no_plain_values() -> None:
    @orchestrator
    async def flow(secret: str) -> str:
        event: str = await wait_for_event("go", str)
        if event == "fail":
            raise LookupError(secret)
        return secret + event

    async with environment([flow], codec=Caesar()) as env:
        handle = await env.client.start(flow("s3cret"))
        await handle.raise_event("go", "s3cret")
        assert await handle.result() == "s3crets3cret"
        assert (await handle.state()).input == ["s3cret"]
        assert "s3cret" not in repr(await handle.history())
        failing = await env.client.start(flow("s3cret"))
        await failing.raise_event("go", "fail")
        with pytest.raises(LookupError, match="s3cret"):
            await failing.result()


# ---- life ----------------------------------------------------------------------------------


async def test_a_client_that_is_not_open_says_so() -> None:
    client = Client(lambda: EngineThread(MemoryEngine()), converter=Converter(), name="memory")
    assert repr(client) == "Client('memory')"
    with pytest.raises(RuntimeError, match="not open"):
        await client.start(other("x"))
    with pytest.raises(RuntimeError, match="not open"):
        await client.handle("a").state()
    with pytest.raises(RuntimeError, match="not open"):
        _ = [state async for state in client.list()]


async def test_a_client_is_opened_once_at_a_time_and_may_be_opened_again() -> None:
    engine = MemoryEngine()
    client = Client(lambda: EngineThread(engine), converter=Converter(), name="memory")
    async with client:
        await client.start(other("x"), id="a")
        with pytest.raises(RuntimeError, match="open already"):
            await client.__aenter__()
        assert await client.count() == 1
    async with client:
        assert await client.count() == 1


async def test_a_client_whose_engine_cannot_be_opened_is_not_open() -> None:
    class Broken(MemoryEngine):
        def open(self) -> None:
            raise StoreError("not a database")

    client = Client(lambda: EngineThread(Broken()), converter=Converter(), name="broken")
    for _ in range(2):
        with pytest.raises(StoreError, match="not a database"):
            await client.__aenter__()
    await client.__aexit__(None, None, None)


async def test_a_client_used_inside_an_orchestrator_is_refused_with_the_line() -> None:
    outside: list[Client] = []

    @orchestrator
    async def flow() -> str:
        try:
            await outside[0].start(other("x"))
        except NotDurableError as error:
            return str(error)
        return "started"

    async with environment([flow, other]) as env:
        outside.append(env.client)
        assert "test_client.py:" in await (await env.client.start(flow())).result()
        assert await env.client.count() == 1


async def test_a_client_may_be_used_inside_an_activity() -> None:
    outside: list[Client] = []

    @activity
    async def start_other() -> str:
        return (await outside[0].start(other("x"))).id

    @orchestrator
    async def flow() -> str:
        return await start_other()

    async with environment([flow, other, start_other]) as env:
        outside.append(env.client)
        started = await (await env.client.start(flow())).result()
        assert (await env.client.handle(started).wait()).status is RuntimeStatus.COMPLETED


async def test_waiting_for_what_no_worker_takes_is_said(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOOK_AFTER", 0)
    told = asyncio.Event()
    warned = handles._logger.warning
    monkeypatch.setattr(handles._logger, "warning", lambda *it: (warned(*it), told.set()))
    handle = await client.start(checkout("o-1", []), id="lonely")
    waiting = asyncio.create_task(handle.result())
    await told.wait()
    waiting.cancel()
    (record,) = caplog.records
    assert "no worker has taken it" in record.getMessage() and "'checkout'" in record.getMessage()


@pytest.mark.parametrize("reason", ["its turn comes", "it was started for later"])
async def test_nothing_is_said_of_an_instance_that_a_worker_will_take(
    reason: str, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOOK_AFTER", 0)
    looked, look = asyncio.Event(), patience.Looking._look_quietly

    async def look_and_tell(self: patience.Looking) -> None:
        await look(self)
        looked.set()

    monkeypatch.setattr(patience.Looking, "_look_quietly", look_and_tell)
    later = None
    if reason == "its turn comes":
        monkeypatch.setattr(queries, "offers", lambda *_: True)
    else:
        later = datetime.now(UTC) + timedelta(days=1)
    handle = await client.start(checkout("o-1", []), start_at=later)
    waiting = asyncio.create_task(handle.result())
    await looked.wait()
    waiting.cancel()
    assert not caplog.records
