"""The queues and locks of entities. Invariant: an operation is handed out only when its turn has
come (see `engines.turntaking`), and a lock is granted only while nothing of the entity is in hand.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from datetime import datetime

import attrs

from durable_async.engines.memory.rows import Entity, Entry, Instance, LockRequest
from durable_async.engines.memory.store import Store
from durable_async.engines.turntaking import Place, lock_to_grant
from durable_async.model.history import CallCompleted
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import Operation

__all__ = ["Entities"]


class Entities:
    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- operations --------------------------------------------------------------------------

    def call(
        self, entity_id: EntityId, name: str, input: Payload, caller: Caller, lock: Caller | None
    ) -> int:
        """The operation's number."""
        entity = self._entity(entity_id)
        operation = Operation(
            number=next(self._store.numbers),
            name=name,
            input=input,
            caller=caller,
            at=self._store.now,
        )
        self._place(entity, operation, lock)
        self.advance(entity)
        return operation.number

    def signal(
        self, entity_id: EntityId, name: str, input: Payload, due: datetime | None = None
    ) -> None:
        now = self._store.now
        entity = self._entity(entity_id)
        operation = Operation(
            number=next(self._store.numbers),
            name=name,
            input=input,
            caller=None,
            at=now if due is None else max(due, now),
        )
        if operation.at > now:
            insort(entity.later, operation, key=lambda each: each.at)
        else:
            self._place(entity, operation, None)
        self.advance(entity)

    def take_back(self, entity_id: EntityId, number: int) -> None:
        """Nobody waits for this operation any more. What is in hand is not undone."""
        entity = self._store.entities[entity_id]
        if number in entity.in_hand:
            entry = entity.queue[number]
            assert entry.operation is not None
            entry.operation = attrs.evolve(entry.operation, caller=None)
        else:
            del entity.queue[number]
            self.advance(entity)

    # ---- locks -------------------------------------------------------------------------------

    def request_lock(self, instance: Instance, number: int, ids: tuple[EntityId, ...]) -> None:
        request = LockRequest(caller=instance.caller(number), entities=ids)
        instance.locks[number] = request
        self.advance(self._queue_up(request))

    def release(self, *requests: LockRequest) -> None:
        """All that they have locked, and their places in the queues of what they have not. One
        that is released may not be granted what another one of them gives up."""
        changed: list[Entity] = []
        for request in requests:
            for entity_id in request.entities[: request.granted]:
                entity = self._store.entities[entity_id]
                entity.locked_by = None
                changed.append(entity)
            if not request.is_complete:
                entity = self._store.entities[request.entities[request.granted]]
                del entity.queue[request.place]
                changed.append(entity)
        self.advance(*changed)

    def _queue_up(self, request: LockRequest) -> Entity:
        """For the next entity that it has not locked."""
        entity = self._entity(request.entities[request.granted])
        self._place_due(entity)
        request.place = next(self._store.numbers)
        place = Place(number=request.place, lock=request.caller, requests=True)
        entity.queue[place.number] = Entry(place=place, request=request)
        return entity

    def _grant(self, entity: Entity, request: LockRequest) -> Entity | None:
        """The next entity, whose turn it may be at once."""
        entity.locked_by = request.caller
        request.granted += 1
        if not request.is_complete:
            return self._queue_up(request)
        number = request.caller.number
        instance = self._store.execution(request.caller)
        assert instance is not None, "an execution that is over leaves no lock requests behind"
        if number in instance.regaining:
            instance.regaining.remove(number)
            self._store.schedule(instance)
        else:
            self._store.notify(instance, CallCompleted(number=number))
        return None

    # ---- turns -------------------------------------------------------------------------------

    def advance(self, *entities: Entity) -> None:
        """Something has changed in their queues or locks: see what can go on now."""
        changed = deque(entities)
        while changed:
            entity = changed.popleft()
            self._place_due(entity)
            request = self._next_lock(entity)
            if request is not None:
                following = self._grant(entity, request)
                if following is not None:
                    changed.append(following)
            self._schedule(entity)

    def _next_lock(self, entity: Entity) -> LockRequest | None:
        """Whose turn it is to have the lock; it leaves the queue."""
        if entity.in_hand:
            return None
        places = (each.place for each in entity.queue.values())
        number = lock_to_grant(places, entity.locked_by)
        return None if number is None else entity.queue.pop(number).request

    def _place_due(self, entity: Entity) -> None:
        while entity.later and entity.later[0].at <= self._store.now:
            self._append(entity, entity.later.pop(0), None)

    def _place(self, entity: Entity, operation: Operation, lock: Caller | None) -> None:
        self._place_due(entity)
        self._append(entity, operation, lock)

    def _append(self, entity: Entity, operation: Operation, lock: Caller | None) -> None:
        place = Place(number=operation.number, lock=lock)
        entity.queue[operation.number] = Entry(place=place, operation=operation)

    def _schedule(self, entity: Entity) -> None:
        if entity.is_void and entity.owner is None:
            self._store.operations.put(entity, None)
            if self._store.entities.get(entity.id) is entity:
                del self._store.entities[entity.id]
        else:
            self._store.operations.put(entity, entity.due(self._store.now))

    def _entity(self, entity_id: EntityId) -> Entity:
        entity = self._store.entities.get(entity_id)
        if entity is None:
            entity = Entity(id=entity_id, updated_at=self._store.now)
            self._store.entities[entity_id] = entity
        return entity
