"""Hints at waits that nothing will end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

import durable_async as da
from durable_async.testing import environment, hints


@da.orchestrator
async def approval() -> str:
    return await da.wait_for_event("approved", str)


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "QUIET_TIME", 0)


class Heard(logging.Handler):
    """Says when something was logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self.any = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        self.any.set()


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    heard, logger = Heard(), logging.getLogger("durable_async.testing")
    logger.addHandler(heard)
    yield heard
    logger.removeHandler(heard)


async def quiet() -> None:
    """Long enough for a timer of no length, and what it brings about."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_wait_for_an_event_that_nobody_raises_is_told_once_with_its_line(
    heard: Heard,
) -> None:
    async with environment([approval]) as env:
        handle = await env.client.start(approval(), id="order-1")
        result = asyncio.ensure_future(handle.result())
        await heard.any.wait()
        await env.client.count()
        await quiet()
        await handle.raise_event("approved", "after all")
        assert await result == "after all"
    (said,) = heard.said
    assert "'order-1'" in said
    assert "event approved at" in said and "test_hints.py:" in said


async def test_nothing_is_said_while_nobody_waits(heard: Heard) -> None:
    async with environment([approval]) as env:
        await env.client.start(approval())
        await env.advance(60)
        await quiet()
    assert heard.said == []
