"""Instances that go on as new, fail, are blocked, or ask for what is not here: what a worker does,
and what it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import attrs
import pytest

import durable_async as da
from durable_async.worker import surveys
from durable_async.worker.progress import DefinitionMissing, Step

from .bench import until
from .plant import Plant


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    async with Plant() as plant:
        yield plant


@pytest.fixture(autouse=True)
def hear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "durable_async.worker")


def said(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [
        each.getMessage()
        for each in caplog.records
        if each.levelno == level and each.name == "durable_async.worker"
    ]


@da.orchestrator
async def count(number: int, last: int) -> int:
    if number < last:
        da.continue_as_new(count(number + 1, last))
    return number


@da.orchestrator
async def fail(message: str) -> None:
    raise ValueError(message)


@da.orchestrator
async def stranger() -> str:
    return "done"


@da.entity
@attrs.define
class Till:
    def open(self) -> None: ...


# ---- going on as new -----------------------------------------------------------------------


@pytest.mark.parametrize("cache", [0, 100])
async def test_a_generation_costs_one_commit(plant: Plant, cache: int) -> None:
    await plant.work(count, cache=cache)
    before = len(plant.engine.batches)
    assert await plant.result(count(1, 100)) == 100
    commits = [batch for batch in plant.engine.batches[before:] if batch.episodes]
    assert len(commits) == 100
    assert len(plant.engine.batches) - before <= 102


async def test_nothing_of_earlier_generations_is_kept(plant: Plant) -> None:
    service = await plant.work(count)
    assert await plant.result(count(1, 50)) == 50
    assert service._driver is not None
    assert len(service._driver._orchestrations) == 0


# ---- what a worker says --------------------------------------------------------------------


async def test_a_failed_instance_is_told_as_an_error_with_its_line(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    await plant.work(fail)
    await (await plant.start(fail("out of stock"))).wait()
    (line,) = said(caplog, logging.ERROR)
    assert "'order-1' has FAILED: ValueError: out of stock (at " in line
    assert "test_families.py:" in line and "durable show" in line


async def test_the_failure_of_a_child_is_its_parents_affair(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def parent() -> str:
        try:
            await fail.options(id="child")("expected")
        except ValueError:
            return "handled"
        return "not reached"

    await plant.work(parent, fail)
    assert await plant.result(parent()) == "handled"
    assert said(caplog, logging.ERROR) == []
    assert any("'child' has FAILED" in line for line in said(caplog, logging.INFO))


async def test_a_cancelled_instance_is_told(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    @da.orchestrator
    async def wait() -> None:
        await da.wait_for_event("never")

    await plant.work(wait)
    handle = await plant.start(wait())
    await plant.quiet()
    await handle.cancel("not wanted")
    await handle.wait()
    assert "instance 'order-1' was cancelled: not wanted" in said(caplog, logging.INFO)


async def test_children_and_entities_that_nobody_here_runs_are_told_once_with_their_lines(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def ask() -> None:
        await asyncio.gather(
            stranger(),
            da.orchestrator_named("remote", str)(),
            da.entity_ref(Till, "front").call(Till.open),
        )

    steps: list[Step] = []
    await plant.work(ask, observer=steps.append)
    for number in range(3):
        await plant.start(ask(), f"order-{number}")
    await plant.quiet()
    lines = said(caplog, logging.WARNING)
    for what in ("orchestrator 'stranger'", "orchestrator 'remote'", "entity 'Till'"):
        (line,) = [each for each in lines if what in each]
        assert "test_families.py:" in line
    missing = [step for step in steps if isinstance(step, DefinitionMissing)]
    assert len(missing) == 9


async def test_what_is_sent_off_is_told_and_missed_by_nobody(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def send() -> str:
        await da.start(stranger())
        return "sent"

    steps: list[Step] = []
    await plant.work(send, observer=steps.append)
    assert await plant.result(send()) == "sent"
    assert any("orchestrator 'stranger'" in line for line in said(caplog, logging.WARNING))
    assert not any(isinstance(step, DefinitionMissing) for step in steps)


async def test_a_version_that_only_another_worker_has_is_not_missed(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(surveys, "FIRST_SURVEY", 0)
    monkeypatch.setattr(surveys, "SURVEY_INTERVAL", 0)

    @da.orchestrator(name="flow", version="1")
    async def first() -> None:
        await da.wait_for_event("never")

    @da.orchestrator(name="flow", version="2")
    async def second() -> None: ...

    old = await plant.work(first)
    await plant.start(first())
    await plant.work(second)
    for _ in range(200):
        await asyncio.sleep(0)
    assert said(caplog, logging.WARNING) == []
    await plant.stop(old)
    await until(lambda: bool(said(caplog, logging.WARNING)))
    assert "orchestrator 'flow' version '1'" in said(caplog, logging.WARNING)[0]


async def test_instances_that_were_blocked_before_are_told_once(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator(name="flow")
    async def flow() -> None:
        await da.wait_for_event("go")

    @da.orchestrator(name="flow")
    async def changed() -> None:
        await da.sleep(60)

    service = await plant.work(flow)
    handle = await plant.start(flow())
    await plant.quiet()
    await plant.stop(service)
    service = await plant.work(changed)
    await handle.raise_event("go")
    await plant.quiet()
    assert (await handle.state()).status is da.RuntimeStatus.BLOCKED
    await plant.stop(service)
    caplog.clear()
    monkeypatch.setattr(surveys, "FIRST_SURVEY", 0)
    monkeypatch.setattr(surveys, "SURVEY_INTERVAL", 0)
    await plant.work(changed)
    for _ in range(200):
        await asyncio.sleep(0)
    (line,) = said(caplog, logging.WARNING)
    assert "'order-1' is BLOCKED" in line and "mismatch" in line
