"""What the log of one process says of an instance that is blocked: at length once, and no more."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

import durable_async as da
from durable_async.worker import surveys
from durable_async.worker.notices import Notices

PATIENCE = 30


@da.activity
async def old_step() -> None: ...


@da.activity
async def new_step() -> None: ...


@da.orchestrator(name="flow")
async def released() -> None:
    await old_step()
    await da.wait_for_event("go")


@da.orchestrator(name="flow")
async def changed() -> None:
    await new_step()
    await da.wait_for_event("go")


async def test_a_worker_tells_at_length_and_who_awaits_in_short(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveys, "FIRST_SURVEY", 0.01)
    monkeypatch.setattr(surveys, "SURVEY_INTERVAL", 0.01)
    surveyed, tell = asyncio.Event(), Notices.blocked

    def found(notices: Notices, instance_id: str, execution_id: str, why: str) -> None:
        tell(notices, instance_id, execution_id, why)
        surveyed.set()

    monkeypatch.setattr(Notices, "blocked", found)
    async with da.Client(f"sqlite:///{tmp_path / 'store.db'}") as client:
        async with da.Worker(client, [released, old_step]):
            handle = await client.start(released(), id="one")
            async with asyncio.timeout(PATIENCE):
                while not any(call.kind == "event" for call in (await handle.state()).pending):
                    await asyncio.sleep(0.01)
        caplog.clear()
        await handle.raise_event("go")
        async with da.Worker(client, [changed, new_step, old_step]):
            waiting = asyncio.create_task(handle.result())
            async with asyncio.timeout(PATIENCE):
                while "still waited for" not in caplog.text:
                    await asyncio.sleep(0.01)
                await surveyed.wait()  # the worker has found it in the store as well
            waiting.cancel()
    told = [record for record in caplog.records if "'one'" in record.getMessage()]
    at_length = [each for each in told if "old_step" in each.getMessage()]
    assert [each.levelno for each in at_length] == [logging.ERROR]
    (in_short,) = [each.getMessage() for each in told if "still waited for" in each.getMessage()]
    assert "It is BLOCKED: mismatch at" in in_short
    assert len(told) == 2
