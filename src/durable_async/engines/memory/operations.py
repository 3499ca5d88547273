"""Operations of entities, batch by batch. Invariant: an entity that is in hand has one holder, who
was given its state and the operations whose turn it was; they leave the queue when, and only when,
what came of them is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from durable_async.engines import refusals
from durable_async.engines.limits import OPERATIONS_A_BATCH
from durable_async.engines.memory.entities import Entities
from durable_async.engines.memory.instances import Instances
from durable_async.engines.memory.rows import Entity
from durable_async.engines.memory.store import Store
from durable_async.model.failure import Failure
from durable_async.model.history import CallCompleted, CallFailed
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    OperationResult,
    RaiseEvent,
    SendSignal,
)

__all__ = ["Operations"]


class Operations:
    def __init__(self, store: Store, entities: Entities, instances: Instances) -> None:
        self._store = store
        self._entities = entities
        self._instances = instances

    def claim(
        self, admits: Callable[[Entity], bool], limit: int, session: str
    ) -> Iterator[ClaimedEntity]:
        for entity in self._store.operations.due(self._store.now):
            if limit == 0:
                return
            if admits(entity):
                limit -= 1
                yield self._hand_out(entity, session)

    def _hand_out(self, entity: Entity, session: str) -> ClaimedEntity:
        self._entities.advance(entity)  # a signal has come due
        # Once a worker has died, by themselves: the others shall not suffer from one.
        operations = entity.runnable(1 if entity.lost else OPERATIONS_A_BATCH)
        entity.owner = session
        entity.epoch = next(self._store.numbers)
        entity.in_hand = frozenset(each.number for each in operations)
        self._store.operations.put(entity, None)
        return ClaimedEntity(lease=entity.lease, state=entity.state, operations=tuple(operations))

    def commit(self, commit: EntityCommit, session: str) -> None:
        entity = self._held(commit.lease, session)
        entity.state = commit.state
        entity.updated_at = self._store.now
        entity.lost = 0
        for result in commit.results:
            if result.number in entity.in_hand:
                self._end(entity, result.number, result.result, result.failure)
                self._send(entity, result)
        self._release(entity)

    def give_back(self, lease: EntityLease, session: str) -> None:
        self._release(self._held(lease, session))

    def free(self, session: str, *, lost: bool) -> None:
        for entity in [one for one in self._store.entities.values() if one.owner == session]:
            entity.lost += lost
            if entity.lost >= LOST_WORKER_LIMIT:
                self._give_up(entity)
            self._release(entity)

    # ---- ends --------------------------------------------------------------------------------

    def _end(
        self, entity: Entity, number: int, result: Payload | None, failure: Failure | None
    ) -> None:
        operation = entity.queue.pop(number).operation
        if operation is None or operation.caller is None:
            return
        caller = operation.caller
        instance = self._store.execution(caller)
        if instance is not None:
            del instance.calls[caller.number]
        if failure is not None:
            self._store.answer(caller, CallFailed(number=caller.number, failure=failure))
        else:
            self._store.answer(caller, CallCompleted(number=caller.number, result=result))

    def _send(self, entity: Entity, result: OperationResult) -> None:
        sender = f"entity {entity.id.type!r} {entity.id.key!r}"
        for message in result.messages:
            if isinstance(message, SendSignal):
                self._entities.signal(message.entity, message.operation, message.input, message.due)
            else:
                assert isinstance(message, RaiseEvent)
                self._instances.tell(message, sender)
        for request in result.starts:
            self._instances.start(request, sender)

    def _give_up(self, entity: Entity) -> None:
        """The first one in hand has been handed out by itself again and again."""
        number = next(each for each in entity.queue if each in entity.in_hand)
        operation = entity.queue[number].operation
        assert operation is not None
        failure = refusals.operation_lost(entity.id, operation.name, entity.lost)
        entity.lost = 0
        self._end(entity, number, None, failure)

    def _release(self, entity: Entity) -> None:
        entity.owner = None
        entity.in_hand = frozenset()
        self._entities.advance(entity)

    def _held(self, lease: EntityLease, session: str) -> Entity:
        entity = self._store.entities.get(lease.entity)
        if entity is None or entity.owner != session or entity.lease != lease:
            raise refusals.entity_lease_lost(lease)
        return entity
