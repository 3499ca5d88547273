"""Reading. Invariant: whoever reads changes nothing, and sees what is committed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from durable_async.engines import refusals
from durable_async.engines.clock import microseconds
from durable_async.engines.ends import reason_of
from durable_async.engines.memory.claims import offers
from durable_async.engines.memory.rows import Activity, Entity, Instance
from durable_async.engines.memory.store import Store
from durable_async.engines.names import hides
from durable_async.engines.news import in_order
from durable_async.engines.pages import Position
from durable_async.model.history import ExecutionCompleted, ExecutionFailed, HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityRecord,
    EntityPage,
    EntityQuery,
    EntityRecord,
    InstanceQuery,
    InstanceRecord,
    Page,
)
from durable_async.ports import Clock

__all__ = ["Queries"]


class Queries:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def records(self, instance_ids: Sequence[str]) -> tuple[InstanceRecord | None, ...]:
        found = [self._store.instances.get(each) for each in instance_ids]
        return tuple([None if each is None else self._record(each) for each in found])

    def at_work(self, instance_ids: Sequence[str]) -> tuple[bool, ...]:
        return tuple([_is_at_work(self._store.instances.get(each)) for each in instance_ids])

    def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return tuple(self._known(instance_id).history)

    def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        news = in_order(self._known(instance_id).inbox.values(), [])
        return tuple([each.event for each in news])

    def _known(self, instance_id: str) -> Instance:
        instance = self._store.instances.get(instance_id)
        if instance is None:
            raise refusals.not_found(instance_id, self._store.namespace)
        return instance

    def page(self, query: InstanceQuery) -> Page:
        instances: Iterable[Instance] = self._store.instances.values()
        if query.after is not None:
            end = Position.parse(query.after)
            after = (end.created, end.number)
            instances = (each for each in instances if _place(each) < after)
        matching = (each for each in instances if _matches(query, each))
        found = heapq.nlargest(query.limit + 1, matching, key=_place)
        page = found[: query.limit]
        more = len(found) > len(page) and bool(page)
        return Page(
            tuple([self._record(each) for each in page]),
            str(_position(page[-1])) if more else None,
        )

    def count(self, query: InstanceQuery) -> int:
        return sum(1 for _ in self._matching(query))

    def entity(self, entity_id: EntityId) -> EntityRecord | None:
        entity = self._store.entities.get(entity_id)
        return None if entity is None else self._entity_record(entity)

    def entities(self, query: EntityQuery) -> EntityPage:
        found = [each for each in self._store.entities.values() if _is_listed(query, each)]
        found.sort(key=lambda each: each.id)
        page = found[: query.limit]
        return EntityPage(
            tuple([self._entity_record(each) for each in page]), more=len(found) > len(page)
        )

    def _matching(self, query: InstanceQuery) -> Iterator[Instance]:
        return (each for each in self._store.instances.values() if _matches(query, each))

    def _record(self, instance: Instance) -> InstanceRecord:
        started, last = instance.started, instance.history[-1]
        return InstanceRecord(
            instance_id=instance.id,
            execution_id=started.execution_id,
            name=started.name,
            version=started.version,
            status=instance.status,
            custom_status=instance.custom_status,
            input=started.input,
            output=last.result if isinstance(last, ExecutionCompleted) else None,
            failure=last.failure if isinstance(last, ExecutionFailed) else None,
            created_at=instance.created_at,
            updated_at=instance.updated_at,
            completed_at=instance.completed_at,
            parent_id=started.parent_id,
            tags=started.tags,
            history_length=len(instance.history),
            idle=instance.idle,
            blocked=instance.blocked,
            activities=tuple(
                [self._activity(each) for _, each in sorted(instance.activities.items())]
            ),
            queue=started.queue,
            suspended=instance.suspended,
            offered=instance.has_ended or offers(self._store, instance),
            reason=reason_of(last),
            start_at=_start_at(instance, self._clock.now()),
        )

    def _activity(self, activity: Activity) -> ActivityRecord:
        running = activity.owner is not None
        return ActivityRecord(
            number=activity.command.number,
            name=activity.command.name,
            attempt=activity.attempt,
            running=running,
            due_at=None if running else activity.due,
            last_failure=activity.last_failure,
            offered=offers(self._store, activity),
        )

    def _entity_record(self, entity: Entity) -> EntityRecord:
        return EntityRecord(
            entity=entity.id,
            state=entity.state,
            updated_at=entity.updated_at,
            queued=entity.queued,
            locked_by=entity.locked_by,
            offered=offers(self._store, entity),
        )


def _is_at_work(instance: Instance | None) -> bool:
    if instance is None or instance.has_ended or instance.idle:
        return False
    return instance.status is not RuntimeStatus.BLOCKED


def _matches(query: InstanceQuery, instance: Instance) -> bool:
    started, created_at = instance.started, instance.created_at
    return (
        (query.status is None or instance.status in query.status)
        and (query.name is None or started.name == query.name)
        and (query.id_prefix is None or instance.id.startswith(query.id_prefix))
        and (query.parent_id is None or started.parent_id == query.parent_id)
        and query.tags.items() <= started.tags.items()
        and (query.created_after is None or created_at > query.created_after)
        and (query.created_before is None or created_at < query.created_before)
        and (query.completed_before is None or _completed_before(query, instance))
        and not hides(query, started.name)
    )


def _completed_before(query: InstanceQuery, instance: Instance) -> bool:
    before, completed_at = query.completed_before, instance.completed_at
    return before is not None and completed_at is not None and completed_at < before


def _start_at(instance: Instance, now: datetime) -> datetime | None:
    """Not before, while that is to come."""
    start_at = instance.start_at
    if start_at is None or instance.status is not RuntimeStatus.PENDING:
        return None
    return start_at if start_at > now else None


def _position(instance: Instance) -> Position:
    return Position(*_place(instance))


def _place(instance: Instance) -> tuple[int, int]:
    """As a tuple: pages compare many."""
    return microseconds(instance.created_at), instance.number


def _is_listed(query: EntityQuery, entity: Entity) -> bool:
    return (
        entity.state is not None
        and (query.type is None or entity.id.type == query.type)
        and (query.key_prefix is None or entity.id.key.startswith(query.key_prefix))
        and (query.after is None or entity.id > query.after)
    )
