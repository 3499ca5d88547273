"""How a worker begins and ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

import durable_async as da
from durable_async.errors import StoreError
from durable_async.model.work import AttemptReleased
from durable_async.worker import service as service_module
from durable_async.worker import surveys
from durable_async.worker.worker import Worker

from .bench import until
from .plant import Plant


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    async with Plant() as plant:
        yield plant


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is waited for but briefly."""
    monkeypatch.setattr(service_module, "ANSWER_TIME", 0.01)


class Gate:
    """An activity that waits until it is let go, and an orchestrator that awaits it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.attempts: list[int] = []
        self.cancelled: list[str] = []

    @da.activity(name="pass_gate")
    async def pass_gate(self) -> str:
        self.attempts.append(da.activity_info().attempt)
        try:
            await self.open.wait()
        except asyncio.CancelledError as error:
            self.cancelled.append(str(error))
            raise
        return "passed"


@da.orchestrator
async def visit() -> str:
    return await Gate.pass_gate()


# ---- draining ------------------------------------------------------------------------------


async def test_a_worker_that_stops_lets_running_activities_end(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate)
    handle = await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    stopping = asyncio.ensure_future(plant.stop(worker))
    await plant.quiet()
    assert not stopping.done()
    gate.open.set()
    await stopping
    assert gate.cancelled == []
    assert sum(len(batch.reports) for batch in plant.engine.batches) == 1
    await plant.work(visit)  # has no such activity: it finds the result
    assert await handle.result() == "passed"
    assert gate.attempts == [1]


async def test_its_instances_are_given_up_at_once(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate)
    await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    stopping = asyncio.ensure_future(plant.stop(worker))
    await plant.quiet()
    assert [each.instance_id for batch in plant.engine.batches for each in batch.releases] == [
        "order-1"
    ]
    gate.open.set()
    await stopping


async def test_it_claims_nothing_more(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate)
    await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    stopping = asyncio.ensure_future(plant.stop(worker))
    await plant.quiet()
    before = len(plant.engine.batches)
    late = await plant.start(visit(), "order-2")
    await plant.quiet()
    assert all(batch.claim is None for batch in plant.engine.batches[before:])
    gate.open.set()
    await stopping
    assert (await late.state()).status is da.RuntimeStatus.PENDING


async def test_what_does_not_end_in_time_is_handed_back_and_run_by_another(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate, drain_timeout=0)
    handle = await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    await plant.stop(worker)
    assert gate.cancelled == ["its worker is shutting down and hands it back"]
    gate.open.set()
    await plant.work(visit, gate)
    assert await handle.result() == "passed"
    assert gate.attempts == [1, 1]  # handed back is not failed


async def test_a_hurry_does_not_wait(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate)
    await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    await plant.stop(worker, hurry=True)
    assert len(gate.cancelled) == 1


@pytest.mark.usefixtures("brief")
async def test_a_def_that_hangs_is_handed_back_and_left_behind(plant: Plant) -> None:
    release = threading.Event()
    began = threading.Event()

    @da.activity
    def hang() -> None:
        began.set()
        assert release.wait(10)

    @da.orchestrator
    async def call() -> None:
        await hang()

    worker = await plant.work(call, hang, drain_timeout=0)
    handle = await plant.start(call())
    await until(began.is_set)
    await plant.stop(worker)
    (report,) = [report for batch in plant.engine.batches for report in batch.reports]
    assert report.end == AttemptReleased()
    release.set()
    await plant.work(call, hang)
    await handle.result()


async def test_only_a_worker_that_hands_activities_back_says_so(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def wait() -> None:
        await da.wait_for_event("go")

    worker = await plant.work(wait, drain_timeout=0)
    await plant.start(wait())
    await plant.quiet()
    await plant.stop(worker)
    assert "hands back" not in caplog.text

    gate = Gate()
    worker = await plant.work(visit, gate, drain_timeout=0)
    await plant.start(visit(), "order-2")
    await until(lambda: bool(gate.attempts))
    await plant.stop(worker)
    assert "hands back the activities that still run" in caplog.text


async def test_a_cancelled_stop_still_gives_everything_back(plant: Plant) -> None:
    gate = Gate()
    worker = await plant.work(visit, gate)
    handle = await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    stopping = asyncio.ensure_future(plant.stop(worker))
    await plant.quiet()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    gate.open.set()
    await plant.work(visit, gate)
    assert await handle.result() == "passed"
    assert gate.attempts == [1, 1]


async def test_a_store_that_is_out_of_order_does_not_keep_a_worker(
    plant: Plant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "ANSWER_TIME", 0.01)
    gate = Gate()
    worker = await plant.work(visit, gate, drain_timeout=0.01)
    await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    plant.engine.faults.extend(StoreError("disk full") for _ in range(100))
    stopping = asyncio.ensure_future(plant.stop(worker))
    await plant.until_done(stopping)
    await stopping
    assert "could not give back what it held" in caplog.text
    plant.engine.faults.clear()


async def test_events_that_come_while_it_stops_reach_the_next_worker(plant: Plant) -> None:
    @da.orchestrator
    async def listen() -> list[str]:
        return [await da.wait_for_event("e", str) for _ in range(3)]

    worker = await plant.work(listen)
    handle = await plant.start(listen())
    await plant.quiet()
    await handle.raise_event("e", "before")
    stopping = asyncio.ensure_future(plant.stop(worker))
    await handle.raise_event("e", "meanwhile")
    await stopping
    await handle.raise_event("e", "after")
    await plant.work(listen)
    assert await handle.result() == ["before", "meanwhile", "after"]


async def test_a_client_that_is_closed_first_does_not_keep_its_worker() -> None:
    gate = Gate()
    client = da.Client("sqlite://")
    await client.__aenter__()
    async with da.Worker(client, [visit, gate]):
        await client.start(visit())
        await until(lambda: bool(gate.attempts))
        await client.__aexit__(None, None, None)
    await until(lambda: gate.cancelled == ["its worker is shutting down and hands it back"])


# ---- several workers -----------------------------------------------------------------------


async def test_several_workers_share_one_client(plant: Plant) -> None:
    @da.activity
    async def echo(n: int) -> int:
        return n

    @da.orchestrator
    async def fan_out() -> list[int]:
        return list(await asyncio.gather(*[echo(n) for n in range(10)]))

    await plant.work(fan_out)
    await plant.work(echo, max_activities=2)
    await plant.work(echo, max_activities=2)
    assert await plant.result(fan_out()) == list(range(10))


async def test_when_one_stops_another_goes_on_with_its_instances(plant: Plant) -> None:
    @da.orchestrator
    async def listen() -> str:
        return await da.wait_for_event("e", str)

    first = await plant.work(listen)
    handles = [await plant.start(listen(), f"order-{n}") for n in range(20)]
    await plant.quiet()
    await plant.work(listen)
    await plant.stop(first)
    for handle in handles:
        await handle.raise_event("e", handle.id)
    assert [await handle.result() for handle in handles] == [handle.id for handle in handles]


# ---- the public worker ---------------------------------------------------------------------


async def test_a_worker_is_a_context(plant: Plant) -> None:
    gate = Gate()
    gate.open.set()
    async with Worker(plant.client, [visit, gate]) as worker:
        assert await plant.result(visit()) == "passed"
        with pytest.raises(RuntimeError, match="at work already"):
            await worker.__aenter__()
    async with worker:  # and may be used again
        assert await plant.result(visit(), "order-2") == "passed"


async def test_a_worker_needs_an_open_client() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        async with Worker(da.Client("sqlite://"), [visit]):
            pass


def test_two_definitions_of_one_name_are_refused_with_both_lines() -> None:
    @da.activity(name="twice")
    async def first() -> None: ...

    @da.activity(name="twice")
    async def second() -> None: ...

    with pytest.raises(ValueError, match=r"test_service\.py:\d+ .*test_service\.py:\d+"):
        Worker(da.Client("sqlite://"), [first, second])


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"max_activities": 0}, ValueError, "max_activities is 0"),
        ({"max_activities": True}, TypeError, "whole number"),
        ({"cache": -1}, ValueError, "cache is -1"),
        ({"queues": "default"}, TypeError, "write \\('default',\\)"),
        ({"queues": ()}, ValueError, "at least one"),
        ({"queues": ("",)}, ValueError, "the name of a queue must not be empty"),
        ({"queues": ("gpu", 5)}, TypeError, "the name of a queue must be a str, not 5"),
        ({"drain_timeout": -1}, ValueError, "drain_timeout"),
        ({"drain_timeout": float("nan")}, ValueError, "drain_timeout"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    settings: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        Worker(da.Client("sqlite://"), [visit], **settings)  # type: ignore[arg-type]  # wrong on purpose


async def test_a_worker_that_is_cancelled_while_it_runs_gives_everything_back(
    plant: Plant,
) -> None:
    gate = Gate()
    running = asyncio.ensure_future(Worker(plant.client, [visit, gate], drain_timeout=0).run())
    handle = await plant.start(visit())
    await until(lambda: bool(gate.attempts))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(gate.cancelled) == 1
    gate.open.set()
    await plant.work(visit, gate)
    assert await handle.result() == "passed"


# ---- what is missing -----------------------------------------------------------------------


async def test_an_orchestrator_that_nobody_has_is_told_once(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(surveys, "FIRST_SURVEY", 0)
    monkeypatch.setattr(surveys, "SURVEY_INTERVAL", 0)

    @da.orchestrator
    async def other() -> None: ...

    await plant.start(visit())
    await plant.work(other)
    await until(lambda: bool(caplog.messages))
    for _ in range(200):
        await asyncio.sleep(0)
    (said,) = caplog.messages
    assert "'order-1'" in said and "orchestrator 'visit'" in said


async def test_a_worker_for_activities_alone_misses_no_orchestrator(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(surveys, "FIRST_SURVEY", 0)
    monkeypatch.setattr(surveys, "SURVEY_INTERVAL", 0)
    await plant.start(visit())
    await plant.work(Gate())
    for _ in range(200):
        await asyncio.sleep(0)
    assert caplog.messages == []


# ---- one for some instances alone ------------------------------------------------------------


@da.orchestrator
async def at_once() -> str:
    return "done"


async def test_an_instance_that_is_admitted_is_taken_on_at_once(plant: Plant) -> None:
    service = await plant.work(at_once, only=frozenset({"order-1"}))
    other = await plant.start(at_once(), id="order-2")
    await plant.quiet()
    assert (await other.state()).status is da.RuntimeStatus.PENDING
    service.admit("order-2")
    await plant.quiet()
    assert (await other.state()).status is da.RuntimeStatus.COMPLETED
