"""A worker on Temporal. Invariant: what it was given runs on each of its queues, until it is
stopped; then it takes nothing more, and what has not ended in time is handed back.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from typing import Any, Final, TypeVar, TypeVarTuple

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Replayer, Worker

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.access import LAST_THREADS
from durable_async.engines.temporal.activities import Activities, Threads, instance_awaiter
from durable_async.engines.temporal.answers import Answered, awaiting_queue
from durable_async.engines.temporal.entities.entity import HostedEntity
from durable_async.engines.temporal.entities.service import EntityService
from durable_async.engines.temporal.hosting import Hosting, HostInterceptor, Supervise
from durable_async.engines.temporal.instance import HostedInstance
from durable_async.engines.temporal.liveness import BEATS_EVERY, KEPT_FOR
from durable_async.engines.temporal.reports import ToldFilter
from durable_async.engines.temporal.standing import StandingWorker
from durable_async.engines.temporal.watching import Watch
from durable_async.model.options import DEFAULT_QUEUE

__all__ = ["TemporalService", "replayer"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_logger: Final = logging.getLogger("durable_async.worker")

_EPISODES: Final = 100
"""That run on a queue at the same time, those among them that wait for a side effect's record."""

_AWAITED: Final = 1_000
"""Instances that those of a queue wait for at the same time."""

_LAST_STEPS: Final = 30.0
"""Seconds for what is left after draining: bodies clean up, and the cluster is told."""

_LEARNT_WITHIN: Final = 0.2
"""Seconds until a class of entities that is new to the worker is served."""

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

    lend: a connection that no other worker has, until it stops. end_of: waits for the end of an
    instance. errands: see there. supervise: runs code of users.
    cache: how many instances are kept between episodes. max_activities: of each queue. watch: None
    if nobody follows. default_queue: where activities and children are put that name none.
    """

    def __init__(
        self,
        lend: Callable[[], AbstractAsyncContextManager[Client]],
        end_of: Callable[[str], Awaitable[Answered]],
        errands: Sequence[Callable[..., Any]],
        registry: Registry,
        converter: Converter,
        *,
        queues: Iterable[str],
        max_activities: int,
        threads: Threads,
        cache: int,
        identity: str,
        drain_timeout: float,
        supervise: Supervise,
        watch: Watch | None = None,
        default_queue: str = DEFAULT_QUEUE,
    ) -> None:
        self._lend = lend
        self._end_of = end_of
        self._queues = sorted(queues)
        self._max_activities = max_activities
        self._cache = cache
        self._identity = identity
        self._drain = timedelta(seconds=drain_timeout)
        self._stops_within = drain_timeout + _LAST_STEPS
        self._activities = Activities(registry, converter, threads, watch)
        self._hosting = Hosting(
            registry, converter, supervise, watch=watch, default_queue=default_queue
        )
        self._entities = EntityService(
            errands,
            registry,
            converter,
            supervise=supervise,
            cache=cache,
            identity=identity,
        )
        self._learns = watch is not None
        self._learning: asyncio.Task[None] | None = None
        self._lent = AsyncExitStack()
        self._workers: list[StandingWorker] = []
        self._running: list[asyncio.Task[None]] = []
        self._told = ToldFilter()

    async def start(self) -> None:
        """Raises: StoreError if it needs a connection of its own, and there is none."""
        client = await self._lent.enter_async_context(self._lend())
        try:
            self._workers = self._all(client)
        except BaseException:
            await self._lent.aclose()
            raise
        self._told.put_on()
        for worker in self._workers:
            self._begin(worker)
        if self._learns:
            self._learning = asyncio.create_task(self._serve_learnt(client))
        _logger.info("worker %s takes on work", self._identity)

    def _all(self, client: Client) -> list[StandingWorker]:
        workers = [
            StandingWorker(
                functools.partial(make, client, queue), f"worker {self._identity} of {queue!r}"
            )
            for queue in self._queues
            for make in (self._host, self._waiter)
        ]
        return [*workers, self._entities.host(client), *self._entities.operators(client)]

    def _host(self, client: Client, queue: str) -> Worker:
        # More than the cache holds would only push each other out; Temporal wants two at least.
        episodes = max(2, min(_EPISODES, self._cache)) if self._cache else _EPISODES
        return Worker(
            client,
            task_queue=queue,
            workflows=[HostedInstance],
            activities=[self._activities.definition(), self._hosting.side_effects],
            interceptors=[HostInterceptor(self._hosting)],
            max_cached_workflows=self._cache,
            sticky_queue_schedule_to_start_timeout=KEPT_FOR,
            max_concurrent_workflow_tasks=episodes,
            max_concurrent_activities=self._max_activities,
            identity=self._identity,
            graceful_shutdown_timeout=self._drain,
            max_heartbeat_throttle_interval=BEATS_EVERY,
            default_heartbeat_throttle_interval=BEATS_EVERY,
        )

    def _waiter(self, client: Client, queue: str) -> Worker:
        """Waits for instances on behalf of those of a queue. On a queue of its own: who waits must
        not keep activities from running, which those may need that are waited for; and has nothing
        to finish when the worker stops."""
        return Worker(
            client,
            task_queue=awaiting_queue(queue),
            activities=[instance_awaiter(self._end_of)],
            max_concurrent_activities=_AWAITED,
            activity_task_poller_behavior=PollerBehaviorSimpleMaximum(1),
            identity=self._identity,
            max_heartbeat_throttle_interval=BEATS_EVERY,
            default_heartbeat_throttle_interval=BEATS_EVERY,
        )

    def _begin(self, worker: StandingWorker) -> None:
        running = asyncio.create_task(worker.run())
        running.add_done_callback(self._told_of_end)
        self._running.append(running)

    async def _serve_learnt(self, client: Client) -> None:
        """Classes of entities that orchestrators have come to await."""
        while True:
            for worker in self._entities.operators(client):
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
            await asyncio.wait(
                (stopping, hurried),
                timeout=self._stops_within,
                return_when=asyncio.FIRST_COMPLETED,
            )
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
            await self._lent.aclose()
        for error in ended:
            if isinstance(error, Exception):
                raise error
        await asyncio.sleep(LAST_THREADS)
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
