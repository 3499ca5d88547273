"""A worker for whatever engine its client has. Invariant: what an engine wants of a worker is asked
of the engine, and not of its class.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Protocol, runtime_checkable

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.worker.guard import guard_for
from durable_async.worker.oversight import Oversight
from durable_async.worker.replays import ReplayFilter
from durable_async.worker.service import Service
from durable_async.worker.threads import ThreadPool
from durable_async.worker.worker import Worker as EngineWorker

__all__ = ["Cluster", "QuietInReplay", "Worker", "threads_for"]


@runtime_checkable
class Cluster(Protocol):
    """An engine that hands out work in a way of its own."""

    def worker_service(self, registry: Registry, converter: Converter, **settings: Any) -> Any: ...


class Worker(EngineWorker):
    __doc__ = EngineWorker.__doc__

    def _new_service(self) -> Service:
        host: object = self._client.host
        if not isinstance(host, Cluster):
            return super()._new_service()
        settings = self._settings
        oversight = Oversight(guard_for(settings.guard))
        service: Service = host.worker_service(
            self._registry,
            self._client.converter,
            queues=settings.queues,
            max_activities=settings.max_activities,
            cache=settings.cache,
            identity=settings.identity,
            drain_timeout=settings.drain_timeout,
            supervise=oversight.call,
            threads=threads_for(settings.max_activities, settings.queues),
        )
        return QuietInReplay(service)


def threads_for(max_activities: int, queues: Collection[str]) -> ThreadPool:
    """For the activities of a worker, which counts them by queue."""
    return ThreadPool(max_activities * len(queues), "durable-activity")


class QuietInReplay:
    """A service during which the logs of what is replayed are dropped."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._replays = ReplayFilter()

    async def start(self) -> None:
        await self._service.start()
        self._replays.put_on()

    async def stop(self, *, hurry: asyncio.Event | None = None) -> None:
        try:
            await self._service.stop(hurry=hurry)
        finally:
            self._replays.take_off()
