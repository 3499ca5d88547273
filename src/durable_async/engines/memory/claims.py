"""What is handed to whom. Invariant: a session is given what its claim admits and nobody else
holds, those that have waited longest first."""

from __future__ import annotations

import functools
import itertools
from datetime import datetime

import attrs

from durable_async.engines.memory.activities import Activities
from durable_async.engines.memory.operations import Operations
from durable_async.engines.memory.rows import Activity, Entity, Instance
from durable_async.engines.memory.store import Store
from durable_async.engines.news import in_order
from durable_async.model.history import HistoryEvent
from durable_async.model.work import ActivityTask, Claim, Claimed, ClaimedEntity

__all__ = ["Claims", "HandedOut", "offers"]


@attrs.frozen(kw_only=True)
class HandedOut:
    """next_due: when this session could take something next."""

    instances: tuple[Claimed, ...] = ()
    activities: tuple[ActivityTask, ...] = ()
    entities: tuple[ClaimedEntity, ...] = ()
    next_due: datetime | None = None


class Claims:
    def __init__(self, store: Store, activities: Activities, operations: Operations) -> None:
        self._store = store
        self._activities = activities
        self._operations = operations

    def hand_out(self, claim: Claim, session: str) -> HandedOut:
        instances, instances_due = self._instances(claim, session)
        activities, activities_due = self._activity_tasks(claim, session)
        entities, entities_due = self._entities(claim, session)
        dues = (instances_due, activities_due, entities_due)
        return HandedOut(
            instances=instances,
            activities=activities,
            entities=entities,
            next_due=min((due for due in dues if due is not None), default=None),
        )

    def _instances(self, claim: Claim, session: str) -> tuple[tuple[Claimed, ...], datetime | None]:
        store = self._store
        admits = functools.partial(self._admits, claim, session)
        claimed: list[Claimed] = []
        for instance in itertools.chain(store.agenda.due(store.now), self._unparked(claim)):
            if not admits(instance):
                continue
            if len(claimed) == claim.max_instances:
                return tuple(claimed), store.now
            claimed.append(self._hand_out(instance, session))
        return tuple(claimed), store.agenda.next_due(admits)

    def _unparked(self, claim: Claim) -> list[Instance]:
        """Blocked instances that these definitions have not been tried on."""
        return [
            each
            for each in self._store.parked.values()
            if each.suspended is None and claim.fingerprint not in each.tried
        ]

    def _admits(self, claim: Claim, session: str, instance: Instance) -> bool:
        return instance.owner in (None, session) and _takes_instance(self._store, claim, instance)

    def _hand_out(self, instance: Instance, session: str) -> Claimed:
        history: tuple[HistoryEvent, ...] | None = None
        if instance.owner != session:
            instance.owner = session
            instance.epoch += 1
            history = tuple(instance.history)
        instance.in_hand = True
        instance.parked = False
        self._store.parked.pop(instance.id, None)
        self._store.schedule(instance)
        news = in_order(instance.inbox.values(), instance.due_timers(self._store.now))
        return Claimed(lease=instance.lease, history=history, news=news)

    def _activity_tasks(
        self, claim: Claim, session: str
    ) -> tuple[tuple[ActivityTask, ...], datetime | None]:
        limit = claim.max_activities
        if limit == 0:
            return (), None
        admits = functools.partial(_takes_activity, self._store, claim)
        tasks = tuple(self._activities.claim(admits, limit, session))
        # A worker that is full asks again as soon as it has a place.
        due = None if len(tasks) == limit else self._store.queue.next_due(admits)
        return tasks, due

    def _entities(
        self, claim: Claim, session: str
    ) -> tuple[tuple[ClaimedEntity, ...], datetime | None]:
        limit = claim.max_entities
        if limit == 0 or not self._store.operations:
            return (), None
        admits = functools.partial(_takes_entity, claim)
        claimed = tuple(self._operations.claim(admits, limit, session))
        due = self._store.now if len(claimed) == limit else self._store.operations.next_due(admits)
        return claimed, due


def _takes_instance(store: Store, claim: Claim, instance: Instance) -> bool:
    """Whether it is one of those that this claim is for."""
    started = instance.started
    return (
        (
            (started.name, started.version) in claim.orchestrators
            or started.name in claim.any_version
        )
        and started.queue in claim.queues
        and (claim.only is None or _is_among(store, claim.only, instance))
    )


def _takes_activity(store: Store, claim: Claim, activity: Activity) -> bool:
    return (
        activity.command.name in claim.activities
        and activity.options.queue in claim.queues
        and (claim.only is None or _is_among(store, claim.only, activity.instance))
    )


def offers(store: Store, thing: Instance | Activity | Entity) -> bool:
    """Whether a worker that is alive would take it."""
    return any(_takes(store, claim, thing) for claim in store.claims())


def _takes(store: Store, claim: Claim, thing: Instance | Activity | Entity) -> bool:
    if isinstance(thing, Instance):
        return _takes_instance(store, claim, thing)
    if isinstance(thing, Entity):
        return _takes_entity(claim, thing)
    return _takes_activity(store, claim, thing)


def _takes_entity(claim: Claim, entity: Entity) -> bool:
    return entity.id.type in claim.entities


def _is_among(store: Store, roots: frozenset[str], instance: Instance) -> bool:
    """Whether it, or what it is a descendant of, is one of these."""
    each: Instance | None = instance
    while each is not None:
        if each.id in roots:
            return True
        parent = each.started.parent
        each = None if parent is None else store.instances.get(parent.instance_id)
    return False
