"""What a worker says of instances that an operator takes out of its hands: one line, no alarm."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import durable_async as da

PATIENCE = 30


@da.activity
async def tick() -> None: ...


@da.activity
def tick_in_a_thread() -> None:
    time.sleep(0.001)  # the work itself


@da.orchestrator
async def busy() -> None:
    """It always has an activity that is about to end, or an episode."""
    while True:
        async with asyncio.TaskGroup() as group:
            for call in (tick(), tick_in_a_thread(), tick()):
                group.create_task(call)
        da.continue_as_new(busy()) if da.info().history_length > 500 else None


@pytest.fixture(params=["memory", "same client", "another client"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[da.Client]:
    """Of the operator. The worker's is the same, or as in another process."""
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    async with da.Client(url) as own, da.Worker(own, [busy, tick, tick_in_a_thread]):
        if request.param == "another client":
            async with da.Client(url) as other:
                yield other
        else:
            yield own


async def until_it_is_busy(handle: da.Handle[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await handle.state()).history_length < 20:
            await asyncio.sleep(0.005)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name == "durable_async.worker" and "busy" in record.getMessage()
    ]


async def until_it_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with asyncio.timeout(PATIENCE):
        while not said(caplog):
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("verb", ["terminate", "suspend"])
async def test_a_verb_of_an_operator_is_told_in_one_line(
    client: da.Client, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "durable_async")
    handle = await client.start(busy(), id="busy")
    await until_it_is_busy(handle)
    match verb:
        case "terminate":
            await handle.terminate("enough")
        case _:
            await handle.suspend("enough")
    await until_it_is_told(caplog)
    did = {"terminate": "terminated", "suspend": "suspended"}[verb]
    assert said(caplog) == [(logging.INFO, f"instance 'busy' was {did}")]


async def test_terminating_and_purging_at_once_is_no_alarm(
    client: da.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "durable_async")
    handle = await client.start(busy(), id="busy")
    await until_it_is_busy(handle)
    await handle.terminate("enough")
    await handle.purge()
    await until_it_is_told(caplog)
    last = await client.start(busy(), id="another")
    await until_it_is_busy(last)  # whatever was to be said of the first has been said
    told = [(level, text) for level, text in said(caplog) if "'busy'" in text]
    assert {level for level, _ in told} == {logging.INFO}
    assert all("was terminated" in text or "was purged" in text for _, text in told)
