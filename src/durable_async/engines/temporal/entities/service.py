"""The part of a worker that serves entities. Invariant: operations are handed only to workers that
have the class; what needs no code of users, any worker does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import Worker

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.entities.entity import HostedEntity
from durable_async.engines.temporal.entities.names import ENTITIES, queue_of
from durable_async.engines.temporal.entities.operations import Operations
from durable_async.engines.temporal.hosting import Supervise
from durable_async.engines.temporal.liveness import BEATS_EVERY, KEPT_FOR
from durable_async.engines.temporal.standing import StandingWorker

__all__ = ["EntityService"]

_BATCHES: Final = 16
"""Batches of one type that wait for a worker's one thread: one that is killed loses them all."""

_TURNS: Final = 100
_ERRANDS: Final = 200
_DRAIN: Final = timedelta(seconds=10)


class EntityService:
    """errands: see there. cache: how many entities are kept between their turns."""

    def __init__(
        self,
        errands: Sequence[Callable[..., Any]],
        registry: Registry,
        converter: Converter,
        *,
        supervise: Supervise,
        cache: int,
        identity: str,
    ) -> None:
        self._errands = errands
        self._registry = registry
        self._operations = Operations(registry, converter, supervise)
        self._cache = cache
        self._identity = identity
        self._served: set[str] = set()

    def close(self) -> None:
        self._operations.close()

    def host(self, client: Client) -> StandingWorker:
        """Hosts the workflows of entities, and does what these, and callers, have done at the
        cluster."""
        return StandingWorker(
            functools.partial(self._host, client), f"worker {self._identity}, as host of entities,"
        )

    def _host(self, client: Client) -> Worker:
        turns = max(2, min(_TURNS, self._cache)) if self._cache else _TURNS
        return Worker(
            client,
            task_queue=ENTITIES,
            workflows=[HostedEntity],
            activities=self._errands,
            max_cached_workflows=self._cache,
            sticky_queue_schedule_to_start_timeout=KEPT_FOR,
            max_concurrent_workflow_tasks=turns,
            max_concurrent_activities=_ERRANDS,
            identity=self._identity,
            graceful_shutdown_timeout=_DRAIN,
        )

    def operators(self, client: Client) -> list[StandingWorker]:
        """Run the operations of the classes that are known now, and were not when it was asked
        before."""
        new = sorted(self._registry.entity_names - self._served)
        self._served.update(new)
        return [
            StandingWorker(
                functools.partial(self._operator, client, each),
                f"worker {self._identity} of entities {each!r}",
            )
            for each in new
        ]

    def _operator(self, client: Client, entity_type: str) -> Worker:
        return Worker(
            client,
            task_queue=queue_of(entity_type),
            activities=[self._operations.definition()],
            max_concurrent_activities=_BATCHES,
            identity=self._identity,
            graceful_shutdown_timeout=_DRAIN,
            max_heartbeat_throttle_interval=BEATS_EVERY,
            default_heartbeat_throttle_interval=BEATS_EVERY,
        )
