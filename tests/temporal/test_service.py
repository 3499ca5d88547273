"""What a worker on Temporal does beside its work: it stands, it stops, and it keeps room."""

import asyncio
import logging
from typing import Any

import pytest
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async.engines.temporal import standing


@da.activity
async def step(number: int) -> int:
    return number + 1


@da.orchestrator
async def steps(count: int) -> int:
    number = 0
    for _ in range(count):
        number = await step(number)
        await da.wait_for_event("go")
    return number


def _workers_of_temporal(worker: da.Worker) -> list[Any]:
    service: Any = worker._service
    while not hasattr(service, "_workers"):
        service = service._service
    return [each._worker for each in service._workers]


async def test_a_worker_that_breaks_down_begins_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(standing, "_AGAIN", 0.01)
    worker = await cluster.worker(steps, step)
    handle = await cluster.client.start(steps(2))
    await handle.raise_event("go")
    broken = _workers_of_temporal(worker)[0]
    with caplog.at_level(logging.CRITICAL):
        broken._activity_worker._fail_worker_exception_queue.put_nowait(OSError("no namespace"))
        while _workers_of_temporal(worker)[0] is broken:
            await asyncio.sleep(0.01)
    assert "worker" in caplog.text
    assert "begins again" in caplog.text
    await handle.raise_event("go")
    assert await handle.result() == 2


@da.orchestrator
async def awaiting(other: str) -> int:
    return await (await da.start(steps(1), id=other, if_exists="attach")).result()


async def _until_awaited(cluster: Cluster, handle: da.Handle[int]) -> None:
    """Until a worker waits for the other one on its behalf."""
    from temporalio.api.enums.v1 import PendingActivityState

    started = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    connection: Any = cluster.client.connection
    seen = connection.temporal.get_workflow_handle(handle.id)
    async with asyncio.timeout(60):
        while not [
            each
            for each in (await seen.describe()).raw_description.pending_activities
            if each.state == started
        ]:
            await asyncio.sleep(0.02)


async def test_who_awaits_an_instance_keeps_no_activity_from_running(cluster: Cluster) -> None:
    await cluster.client.start(steps(1), id="other")
    handle = await cluster.client.start(awaiting("other"))
    await cluster.worker(awaiting, steps, step, max_activities=1)
    await _until_awaited(cluster, handle)
    await cluster.client.handle("other").raise_event("go")
    assert await handle.result() == 1


async def test_a_worker_that_stops_does_not_wait_for_those_who_wait(cluster: Cluster) -> None:
    await cluster.client.start(steps(1), id="other")
    handle = await cluster.client.start(awaiting("other"))
    async with da.Worker(cluster.client, [awaiting, steps, step], drain_timeout=3600):
        await _until_awaited(cluster, handle)
    await cluster.worker(awaiting, steps, step)
    await cluster.client.handle("other").raise_event("go")
    assert await handle.result() == 1


async def test_two_workers_of_a_queue_share_a_client(cluster: Cluster) -> None:
    first = await cluster.worker(steps, step)
    second = await cluster.worker(steps, step)
    assert len(_workers_of_temporal(first)) == len(_workers_of_temporal(second))
    handles = [await cluster.client.start(steps(1)) for _ in range(4)]
    for handle in handles:
        await handle.raise_event("go")
        assert await handle.result() == 1
