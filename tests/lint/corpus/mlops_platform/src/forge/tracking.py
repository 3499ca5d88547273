"""Experiment tracking; a mixin and an async generator."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import durable_async as da
import mlflow_async
import structlog
from loguru import logger

events = structlog.get_logger()


class TrackingMixin:
    """Adds notes about a run to whatever flow class mixes it in."""

    run_name: str

    def note(self, text: str) -> None:
        logger.info("{}: {}", self.run_name, text)  # expect: DUR143

    def metric(self, key: str, value: float) -> None:
        events.info("metric", key=key, value=value)  # expect: DUR143

    def progress(self, done: int) -> None:
        sys.stdout.write(f"\r{done}")  # expect: DUR143

    def quiet(self, text: str) -> None:
        da.get_logger("forge").info(text)


async def ticks(limit: int) -> AsyncIterator[int]:
    for number in range(limit):
        await asyncio.sleep(60)
        yield number


async def remote_notes(run: str) -> AsyncIterator[str]:
    async for note in mlflow_async.stream_notes(run):  # expect: DUR132
        yield note


async def close_quietly(run: str) -> None:
    with contextlib.suppress(BaseException):  # expect: DUR135
        await mlflow_async.end_run(run)  # expect: DUR132


async def best_effort(task: asyncio.Task[str]) -> str | None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return None
