"""The part of a worker that serves entities. Invariant: operations are handed only to workers that
have the class; what needs no code of users, any worker does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from durable_async.engines.temporal.entity import HostedEntity
from durable_async.engines.temporal.entity_names import ENTITIES, queue_of
from durable_async.engines.temporal.operations import Operations

__all__ = ["entity_host", "entity_operator"]

_BATCHES: Final = 16
"""Batches of one type that wait for a worker's one thread: one that is killed loses them all."""

_TURNS: Final = 100
_ERRANDS: Final = 200
_BEATS_EVERY: Final = timedelta(seconds=2)
_DRAIN: Final = timedelta(seconds=10)


def entity_host(
    client: Client, errands: Sequence[Callable[..., Any]], *, cache: int, identity: str
) -> Worker:
    """Hosts the workflows of entities, and does what these, and callers, have done at the cluster.
    cache: how many entities are kept between their turns."""
    return Worker(
        client,
        task_queue=ENTITIES,
        workflows=[HostedEntity],
        activities=errands,
        max_cached_workflows=cache,
        max_concurrent_workflow_tasks=max(2, min(_TURNS, cache)) if cache else _TURNS,
        max_concurrent_activities=_ERRANDS,
        identity=identity,
        graceful_shutdown_timeout=_DRAIN,
    )


def entity_operator(
    client: Client, operations: Operations, entity_type: str, *, identity: str
) -> Worker:
    """Runs the operations of one class."""
    return Worker(
        client,
        task_queue=queue_of(entity_type),
        activities=[operations.definition()],
        max_concurrent_activities=_BATCHES,
        activity_task_poller_behavior=PollerBehaviorSimpleMaximum(2),
        identity=identity,
        graceful_shutdown_timeout=_DRAIN,
        max_heartbeat_throttle_interval=_BEATS_EVERY,
        default_heartbeat_throttle_interval=_BEATS_EVERY,
    )
