"""Operators' verbs by the public names, with workers and clocks as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import durable_async as da

up = asyncio.Event()
"""Whether the warehouse can be reached; set and cleared by the tests."""


@da.activity
async def reserve(order: str) -> str:
    if not up.is_set():
        raise ConnectionError("the warehouse is down")
    return f"{order} reserved"


@da.activity
async def note(text: str) -> str:
    return text


@da.orchestrator
async def supply(order: str) -> str:
    return await reserve(order)


@da.orchestrator
async def checkout(order: str) -> list[str]:
    return [await note(order), await supply.options(id=f"{order}-supply")(order)]


@da.orchestrator
async def waiting(name: str) -> str:
    return await da.wait_for_event(name, str)


@da.orchestrator
async def parent(child_id: str) -> str:
    return await waiting.options(id=child_id)("go")


@da.orchestrator
async def till() -> None:
    async for request in da.requests("price", int):
        if request.data == 0:
            return  # without an answer
        request.reply({"cents": request.data * 100})


FUNCTIONS = [reserve, note, supply, checkout, waiting, parent, till]


@pytest.fixture(params=["memory", "sqlite"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[da.Client]:
    """With a worker beside it."""
    up.clear()
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/store.db"
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        yield client


async def ids(client: da.Client, **conditions: Any) -> list[str]:
    return [state.id async for state in client.list(**conditions)]


async def until_it_waits(handle: da.Handle[Any], kind: str) -> da.InstanceState:
    """Its state, once it waits for something of this kind."""
    async with asyncio.timeout(50):
        while True:
            state = await handle.state()
            if any(call.kind == kind for call in state.pending):
                return state
            await asyncio.sleep(0)


async def test_a_question_is_answered_and_its_answer_is_typed(client: da.Client) -> None:
    handle = await client.start(till())
    assert await handle.ask("price", 7, dict[str, int], timeout=50) == {"cents": 700}
    with pytest.raises(da.SerializationError, match="the answer to request 'price'"):
        await handle.ask("price", 7, list[int], timeout=50)
    with pytest.raises(da.RequestRejectedError):
        await handle.ask("price", "much", timeout=50)
    with pytest.raises(da.InstanceFinishedError):
        await handle.ask("price", 0, timeout=50)
    with pytest.raises(da.InstanceFinishedError):
        await handle.ask("price", 7, timeout=50)
    with pytest.raises(da.InstanceNotFoundError):
        await client.handle("nobody").ask("price", 7, timeout=50)


async def test_a_question_may_be_asked_before_anybody_listens(client: da.Client) -> None:
    handle = await client.start(till())
    await handle.suspend()
    asking = asyncio.create_task(handle.ask("price", 1, timeout=50))
    with pytest.raises(TimeoutError, match="has not answered request 'price'"):
        await handle.ask("price", 2, timeout=0.01)
    await handle.resume()
    assert await asking == {"cents": 100}


async def test_a_child_is_waited_for_by_name_and_id(client: da.Client) -> None:
    handle = await client.start(parent("c"), id="p")
    state = await until_it_waits(handle, "child")
    (call,) = state.pending
    assert (call.kind, call.name, call.instance_id) == ("child", "waiting", "c")
    assert "test_operating.py:" in call.line
    await until_it_waits(client.handle("c"), "event")
    assert (await client.handle("c").state()).parent_id == "p"
    assert await ids(client, parent_id="p") == ["c"]
    assert await client.count(parent_id="c") == 0


async def test_cancelling_and_terminating_reach_the_children(client: da.Client) -> None:
    one = await client.start(parent("one-child"))
    other = await client.start(parent("other-child"))
    for handle, child in ((one, "one-child"), (other, "other-child")):
        await until_it_waits(handle, "child")
        await until_it_waits(client.handle(child), "event")
    await one.cancel("not wanted")
    await other.terminate("enough")
    with pytest.raises(da.InstanceCancelledError, match="not wanted"):
        await one.result(50)
    with pytest.raises(da.InstanceTerminatedError, match="enough"):
        await other.result(50)
    assert (await client.handle("one-child").wait(50)).status is da.RuntimeStatus.CANCELLED
    assert (await client.handle("other-child").wait(50)).status is da.RuntimeStatus.TERMINATED


async def test_a_failed_instance_is_rewound_down_to_its_failed_child(client: da.Client) -> None:
    handle = await client.start(checkout("o-1"), id="o-1")
    with pytest.raises(ConnectionError):
        await handle.result(50)
    assert (await client.handle("o-1-supply").wait(50)).status is da.RuntimeStatus.FAILED
    execution = (await handle.state()).execution_id
    up.set()
    await handle.rewind("it is back")
    assert await handle.result(50) == ["o-1", "o-1 reserved"]
    assert (await handle.state()).execution_id == execution
    with pytest.raises(da.InvalidStateError, match="COMPLETED"):
        await handle.rewind()


async def test_an_ended_instance_is_restarted_under_its_id_or_another(client: da.Client) -> None:
    handle = await client.start(waiting("go"), id="a", tags={"x": "1"})
    with pytest.raises(da.InvalidStateError, match="'a' is"):
        await handle.restart()
    with pytest.raises(da.InvalidStateError):
        await handle.purge()
    await handle.raise_event("go", "first")
    assert await handle.result(50) == "first"
    again = await handle.restart()
    with pytest.raises(da.InvalidStateError):
        await again.restart()  # it is live again
    await again.raise_event("go", "second")
    assert await again.result(50) == "second"
    other = await again.restart("b")
    assert (await other.state()).tags == {"x": "1"}
    with pytest.raises(da.InstanceAlreadyExistsError):
        await again.restart("b")
    await other.raise_event("go", "third")
    assert await other.result(50) == "third"


async def test_many_are_purged_by_conditions_with_their_descendants(client: da.Client) -> None:
    up.set()
    handles = [await client.start(checkout(f"o-{n}"), id=f"o-{n}") for n in range(5)]
    live = await client.start(waiting("go"), id="live")
    for handle in handles:
        await handle.result(50)
    assert await client.count() == 11
    now = datetime.now(UTC)
    assert await client.purge(completed_before=now - timedelta(days=1)) == 0
    assert await client.purge(name="checkout", id_prefix="o-4") == 2
    assert await client.count(completed_before=now + timedelta(days=1)) == 8
    assert await client.purge() == 8
    assert await ids(client) == ["live"]
    with pytest.raises(ValueError, match="RUNNING is that of live instances"):
        await client.purge(status=da.RuntimeStatus.RUNNING)
    with pytest.raises(ValueError, match=r"completed_before.*time zone"):
        await client.purge(completed_before=datetime(2026, 1, 1))
    await live.terminate()
    assert await live.purge() == 1
    with pytest.raises(da.InstanceNotFoundError):
        await live.purge()


async def test_what_no_live_worker_has_is_named(tmp_path: Path) -> None:
    async with da.Client(f"sqlite:///{tmp_path}/store.db") as client:
        handle = await client.start(checkout("o-1"), id="a")
        assert (await handle.state()).waiting_for == "orchestrator 'checkout'"
        async with da.Worker(client, [checkout]):
            state = await until_it_waits(handle, "activity")
            assert state.waiting_for == "activity 'note'"
            assert "waiting for activity 'note', which no live worker has" in await handle.stack()
        newer = await client.start(checkout.options(version="2")("o-1"), id="b")
        assert (await newer.state()).waiting_for == "orchestrator 'checkout' version '2'"


@da.orchestrator(name="pricing", version="9")
async def pricing_9() -> str:
    return (await note("nine")) + (da.info().version or "")


@da.orchestrator(name="pricing", version="10")
async def pricing_10() -> str:
    return (await note("ten")) + (da.info().version or "")


@pytest.mark.parametrize("engine", ["memory", "sqlite"])
async def test_a_start_by_name_takes_the_newest_version_and_the_queue_that_is_named(
    engine: str, tmp_path: Path
) -> None:
    url = "sqlite://" if engine == "memory" else f"sqlite:///{tmp_path}/store.db"
    by_name = da.orchestrator_named("pricing", str)
    functions = [pricing_9, pricing_10, note]
    async with da.Client(url) as client, da.Worker(client, functions):
        assert await (await client.start(pricing_9())).result(50) == "nine9"
        newest = await client.start(by_name())
        assert await newest.result(50) == "ten10"
        assert (await newest.state()).version == "10"
        older = await client.start(by_name.options(version="9")())
        assert await older.result(50) == "nine9"
        elsewhere = await client.start(by_name.options(queue="slow")())
        state = await elsewhere.state()
        assert state.status is da.RuntimeStatus.PENDING
        assert state.waiting_for == "orchestrator 'pricing' version '10' on queue 'slow'"
        async with da.Worker(client, functions, queues=["slow"]):
            assert await elsewhere.result(50) == "ten10"
