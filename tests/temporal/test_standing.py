"""How an instance is told to stand that nobody serves, or that waits for nothing."""

import asyncio
import logging
from typing import Any

import pytest
from tests.temporal import flows
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async.client import patience


@da.orchestrator
async def alone() -> str:
    return await elsewhere.options(queue="gpu")()


@da.activity
async def elsewhere() -> str:
    return "done"


@da.orchestrator
async def stuck() -> None:
    await asyncio.get_running_loop().create_future()


@da.orchestrator
async def goes_on() -> str:
    first = asyncio.ensure_future(da.wait_for_event("go"))
    await first
    return "gone"


async def test_an_instance_that_no_worker_serves_says_what_it_waits_for(
    cluster: Cluster, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOOK_AFTER", 0)
    handle = await cluster.client.start(goes_on(), id="it")
    state = await handle.state()
    assert (state.status, state.history_length) == (da.RuntimeStatus.PENDING, 1)
    assert state.waiting_for == "orchestrator 'goes_on'"
    assert "which no live worker has" in await handle.stack()
    with caplog.at_level(logging.WARNING, "durable_async.client"), pytest.raises(TimeoutError):
        await handle.result(timeout=1)
    assert "no worker has taken it" in caplog.text
    await cluster.worker(goes_on)
    await handle.raise_event("go")
    assert await handle.result() == "gone"
    assert (await handle.state()).waiting_for is None


async def test_an_activity_on_a_queue_that_no_worker_serves_is_named(cluster: Cluster) -> None:
    await cluster.worker(alone)
    handle = await cluster.client.start(alone())
    while not (await handle.state()).pending:
        await asyncio.sleep(0.02)
    assert (await handle.state()).waiting_for == "activity 'elsewhere'"
    await cluster.worker(elsewhere, queues=["gpu"])
    assert await handle.result() == "done"


async def test_an_instance_with_its_worker_waits_for_nobody(cluster: Cluster) -> None:
    await cluster.worker(goes_on)
    handle = await cluster.client.start(goes_on())
    while not (await handle.state()).pending:
        await asyncio.sleep(0.02)
    state = await handle.state()
    assert (state.waiting_for, state.status) == (None, da.RuntimeStatus.RUNNING)


async def test_an_ordinary_life_changes_no_memo(cluster: Cluster) -> None:
    """Each change would be an event more in Temporal's history."""
    await cluster.worker(goes_on)
    handle = await cluster.client.start(goes_on(), id="it")
    await handle.raise_event("go")
    await handle.result()
    connection: Any = cluster.client.connection
    history = await connection.temporal.get_workflow_handle("it").fetch_history()
    kinds = {event.WhichOneof("attributes") for event in history.events}
    assert "workflow_properties_modified_event_attributes" not in kinds
    assert "marker_recorded_event_attributes" not in kinds


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_code_that_waits_for_what_cannot_come_is_told_to_wait_for_nothing(
    cluster: Cluster, cache: int
) -> None:
    await cluster.worker(stuck, flows.step, cache=cache)
    handle = await cluster.client.start(stuck())
    while (await handle.state()).waiting_for is None:
        await asyncio.sleep(0.02)
    assert (await handle.state()).waiting_for == "nothing"
    await handle.cancel("it never ends")
    assert (await handle.wait()).status is da.RuntimeStatus.CANCELLED
    assert (await handle.state()).waiting_for is None
