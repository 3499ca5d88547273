"""Runs attempts without a store. Invariant: nothing here decides: tasks go in, ends come out."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from durable_async.convert.values import Converter
from durable_async.dsl.definitions import Activity
from durable_async.dsl.registry import Registry
from durable_async.model.failure import Failure
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityLease,
    ActivityTask,
    AttemptEnd,
    AttemptFailed,
    AttemptSucceeded,
)
from durable_async.worker.activities import Activities
from durable_async.worker.attempts import Stop

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


OPEN: list[Bench] = []
"""Those of the running test, to be closed after it."""


class Bench:
    """The activities of a worker on the running loop, without the worker."""

    def __init__(self, *functions: object, places: int = 10) -> None:
        self.converter = Converter()
        self.registry = Registry.of(functions)
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.wakes = 0
        self._numbers = 0
        OPEN.append(self)
        self.activities = Activities(
            self.registry,
            self.converter,
            max_activities=places,
            wake=self._wake,
            loop=self._loop,
            context=contextvars.copy_context(),
            owner=asyncio.current_task(),
        )

    def _wake(self) -> None:
        self.wakes += 1
        self._loop.call_soon_threadsafe(self._woken.set)

    def task(
        self,
        activity: Activity[..., Any],
        *args: Any,
        attempt: int = 1,
        heartbeat: Payload | None = None,
        options: ActivityOptions | None = None,
    ) -> ActivityTask:
        self._numbers += 1
        return ActivityTask(
            lease=ActivityLease("order-1", "x-1", self._numbers, 1),
            name=activity.name,
            input=activity.arguments(self.converter).encode(args, {})[0],
            options=options or activity.stored_options or ActivityOptions(),
            attempt=attempt,
            scheduled_at=NOON,
            heartbeat=heartbeat,
        )

    def begin(self, *tasks: ActivityTask) -> None:
        self.activities.begin(tasks, NOON)

    async def ended(self, count: int = 1) -> list[AttemptEnd]:
        """The ends of that many attempts, as they come."""
        ends: list[AttemptEnd] = []
        while len(ends) < count:
            await self._woken.wait()
            self._woken.clear()
            ends.extend(end for _, end in self.activities.collect())
        return ends

    async def woken(self) -> None:
        await self._woken.wait()
        self._woken.clear()

    async def run(
        self, activity: Activity[..., Any], *args: Any, options: ActivityOptions | None = None
    ) -> AttemptEnd:
        self.begin(self.task(activity, *args, options=options))
        (end,) = await self.ended()
        return end

    async def value(self, activity: Activity[..., Any], *args: Any) -> Any:
        end = await self.run(activity, *args)
        assert isinstance(end, AttemptSucceeded), end
        return self.converter.decode(end.result, what="a result")

    async def failed(
        self, activity: Activity[..., Any], *args: Any, options: ActivityOptions | None = None
    ) -> AttemptFailed:
        end = await self.run(activity, *args, options=options)
        assert isinstance(end, AttemptFailed), end
        return end

    async def failure(self, activity: Activity[..., Any], *args: Any) -> Failure:
        return (await self.failed(activity, *args)).failure

    def cancel(self, *tasks: ActivityTask, why: Stop = Stop.CANCELLED) -> None:
        self.activities.cancel([task.lease for task in tasks], why)


async def until(condition: Callable[[], bool]) -> None:
    """Let the others run until it holds; the test's timeout bounds it."""
    while not condition():
        await asyncio.sleep(0)
