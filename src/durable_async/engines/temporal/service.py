"""A worker on Temporal. Invariant: what it was given runs on each of its queues, until it is
stopped; then it takes nothing more, and what has not ended in time is handed back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar, TypeVarTuple

from temporalio.client import Client
from temporalio.worker import Replayer, Worker

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.activities import Activities, Threads, instance_awaiter
from durable_async.engines.temporal.answers import Answered
from durable_async.engines.temporal.entity import HostedEntity
from durable_async.engines.temporal.entity_service import EntityService
from durable_async.engines.temporal.hosting import Hosting, HostInterceptor, Supervise
from durable_async.engines.temporal.instance import HostedInstance
from durable_async.engines.temporal.reports import ToldFilter
from durable_async.engines.temporal.watching import Watch
from durable_async.model.options import DEFAULT_QUEUE

__all__ = ["TemporalService", "replayer"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_logger: Final = logging.getLogger("durable_async.worker")

_BEATS_EVERY: Final = timedelta(seconds=2)
"""How often signs of life of an activity reach the cluster, which answers whether to cancel it."""


_KEPT_FOR: Final = timedelta(seconds=4)
"""How long what is next for an instance waits for the worker that keeps it. After that any worker
may rebuild it: so long is nothing heard of an instance whose worker was killed. One that is alive
takes milliseconds, and on a machine with too much to do seconds."""

_LEARNT_WITHIN: Final = 0.2
"""Seconds until a class of entities that is new to the worker is served."""

_LAST_THREADS: Final = 0.1

_HURRY: Final = 3.0
"""Seconds to say good-bye in a hurry."""


def replayer(registry: Registry, converter: Converter, *, watch: Watch | None = None) -> Replayer:
    """Temporal's own check of histories of Temporal's, on the code that is given here. watch: see
    Watch; None if nobody follows."""
    hosting = Hosting(registry, converter, _plainly, watch=watch)
    return Replayer(
        workflows=[HostedInstance, HostedEntity], interceptors=[HostInterceptor(hosting)]
    )


def _plainly(kind: str, name: str, function: Callable[[*Ts], T], /, *args: *Ts) -> T:
    return function(*args)


class TemporalService:
    """One run of a worker: `start` it once, `stop` it once, on one event loop.

    end_of: waits for the end of an instance. errands: see there. supervise: runs code of users.
    cache: how many instances are kept between episodes. watch: None if nobody follows.
    default_queue: where activities and children are put that name none.
    """

    def __init__(
        self,
        client: Client,
        end_of: Callable[[str], Awaitable[Answered]],
        errands: Sequence[Callable[..., Any]],
        registry: Registry,
        converter: Converter,
        *,
        queues: Iterable[str],
        max_activities: int,
        cache: int,
        identity: str,
        drain_timeout: float,
        supervise: Supervise,
        threads: Threads,
        watch: Watch | None = None,
        default_queue: str = DEFAULT_QUEUE,
    ) -> None:
        self._identity = identity
        self._activities = Activities(registry, converter, threads, watch)
        hosting = Hosting(registry, converter, supervise, watch=watch, default_queue=default_queue)
        self._workers = [
            Worker(
                client,
                task_queue=queue,
                workflows=[HostedInstance],
                activities=[
                    self._activities.definition(),
                    hosting.side_effects,
                    instance_awaiter(end_of),
                ],
                interceptors=[HostInterceptor(hosting)],
                max_cached_workflows=cache,
                sticky_queue_schedule_to_start_timeout=_KEPT_FOR,
                max_concurrent_activities=max_activities,
                identity=identity,
                graceful_shutdown_timeout=timedelta(seconds=drain_timeout),
                max_heartbeat_throttle_interval=_BEATS_EVERY,
                default_heartbeat_throttle_interval=_BEATS_EVERY,
            )
            for queue in sorted(queues)
        ]
        self._entities = EntityService(
            client,
            errands,
            registry,
            converter,
            supervise=supervise,
            cache=cache,
            identity=identity,
        )
        self._workers += [self._entities.host(), *self._entities.operators()]
        self._learns = watch is not None
        self._learning: asyncio.Task[None] | None = None
        self._running: list[asyncio.Task[None]] = []
        self._told = ToldFilter()

    async def start(self) -> None:
        self._told.put_on()
        for worker in self._workers:
            self._begin(worker)
        if self._learns:
            self._learning = asyncio.create_task(self._serve_learnt())
        _logger.info("worker %s takes on work", self._identity)

    def _begin(self, worker: Worker) -> None:
        running = asyncio.create_task(worker.run())
        running.add_done_callback(self._told_of_end)
        self._running.append(running)

    async def _serve_learnt(self) -> None:
        """Classes of entities that orchestrators have come to await."""
        while True:
            for worker in self._entities.operators():
                self._workers.append(worker)
                self._begin(worker)
            await asyncio.sleep(_LEARNT_WITHIN)

    async def stop(self, *, hurry: asyncio.Event | None = None) -> None:
        """hurry: when set, what still runs is handed back at once."""
        if self._learning is not None:
            self._learning.cancel()
        stopping = asyncio.ensure_future(self._shut_down())
        hurried = asyncio.ensure_future((hurry or asyncio.Event()).wait())
        try:
            await asyncio.wait((stopping, hurried), return_when=asyncio.FIRST_COMPLETED)
            if hurried.done():
                self._activities.hand_back()
                await asyncio.wait((stopping,), timeout=_HURRY)
        finally:
            stopping.cancel()
            hurried.cancel()
            for running in self._running:
                running.cancel()
            ended = await asyncio.gather(*self._running, return_exceptions=True)
            self._activities.close()
            self._told.take_off()
            self._entities.close()
        for error in ended:
            if isinstance(error, Exception):
                raise error
        # Its threads have a few steps left, too, which must not meet the end of the interpreter.
        await asyncio.sleep(_LAST_THREADS)
        _logger.info("worker %s has stopped", self._identity)

    def _told_of_end(self, running: asyncio.Task[None]) -> None:
        if not running.cancelled() and running.exception() is not None:
            _logger.critical(
                "worker %s has broken down, and takes nothing more",
                self._identity,
                exc_info=running.exception(),
            )

    async def _shut_down(self) -> None:
        await asyncio.gather(*[worker.shutdown() for worker in self._workers])
        # They have a few steps left, and a loop that ends amid these ends the process badly.
        await asyncio.wait(self._running)
