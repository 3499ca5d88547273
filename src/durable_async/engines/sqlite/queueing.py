"""Whose turn it is at an entity (E15), in rows. See `engines.turntaking` for the rules.

Invariant: an entity that nobody has in hand, and whose first in the queue asks for its lock, is
locked by it in the same commit; `ready_at` says when its next operation may run.
"""

from __future__ import annotations

from durable_async.engines.clock import microseconds
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Row
from durable_async.engines.sqlite.rows import (
    StoredOperation,
    lock_of,
    lock_row,
    operation_row,
)
from durable_async.engines.sqlite.writing import Writing
from durable_async.errors import StoreError
from durable_async.model.commands import CallEntity
from durable_async.model.history import CallCompleted
from durable_async.model.identity import Caller, EntityId
from durable_async.model.work import SendSignal

__all__ = ["Queueing"]


class Queueing:
    """The queues of entities, as one batch changes them. Rows go into the file at once."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._database = writing.database

    # ---- operations --------------------------------------------------------------------------

    def call(self, instance: int, caller: Caller, command: CallEntity) -> None:
        """instance: the caller's key."""
        stored = StoredOperation(name=command.operation, input=command.input, caller=caller)
        lock = None
        if command.lock is not None:
            row = self._database.row(queries.LOCK_OF, (instance, command.lock))
            lock = None if row is None else row[0]
        entity = self._entity(command.entity)
        self._add(entity, stored, lock=lock, instance=instance, number=command.number)
        self.settle(entity)

    def signal(self, message: SendSignal) -> None:
        now = self._writing.now
        due = now if message.due is None else microseconds(message.due)
        stored = StoredOperation(name=message.operation, input=message.input, caller=None)
        entity = self._entity(message.entity)
        self._add(entity, stored, due=due if due > now else None)
        self.settle(entity)

    def cancel_call(self, instance: int, number: int) -> None:
        """Take it back, if it has not begun."""
        row = self._database.row(queries.OPERATION_OF, (instance, number))
        if row is not None:
            self.withdraw(*row)

    def withdraw(self, operation: int, entity: int, taken: int) -> None:
        """Nobody waits for it any more."""
        if taken:
            self._database.execute(queries.LET_OPERATION_GO, (operation,))
        else:
            self._database.execute(queries.END_OPERATION, (operation,))
            self.settle(entity)

    def _add(
        self,
        entity: int,
        stored: StoredOperation | None,
        *,
        due: int | None = None,
        lock: int | None = None,
        instance: int | None = None,
        number: int | None = None,
    ) -> None:
        at = self._writing.now if due is None else due
        data, checksum = operation_row(entity, at, stored, lock)
        row = (entity, at, int(due is not None), instance, number, lock, data, checksum)
        self._database.execute(queries.ADD_OPERATION, row)

    # ---- locks -------------------------------------------------------------------------------

    def request_lock(
        self, instance: int, number: int, entities: tuple[EntityId, ...], *, regains: bool = False
    ) -> None:
        """regains: the code is inside already; see `schema`."""
        row = (instance, number, regains, lock_row(instance, number, entities))
        lock = self._database.execute(queries.ADD_LOCK, row).lastrowid
        assert lock is not None
        self._request_next(lock, entities, 0)

    def release_lock(self, instance: int, number: int) -> None:
        row = self._database.row(queries.LOCK_OF, (instance, number))
        if row is not None:
            self.end_lock(row[0])

    def end_lock(self, lock: int) -> None:
        """Whether it was granted or not."""
        requests = self._database.rows(queries.LOCK_REQUESTS, (lock,))
        locked = self._database.rows(queries.LOCKED_BY, (lock,))
        self._database.execute(queries.END_LOCK, (lock,))
        for operation, _ in requests:
            self._database.execute(queries.END_OPERATION, (operation,))
        for (entity,) in locked:
            self._database.execute(queries.LOCK_ENTITY, (None, entity))
        for entity in (*(each[1] for each in requests), *(each[0] for each in locked)):
            self.settle(entity)

    def _request_next(self, lock: int, entities: tuple[EntityId, ...], granted: int) -> None:
        entity = self._entity(entities[granted])
        self._add(entity, None, lock=lock)
        self.settle(entity)

    def _grant(self, entity: int, operation: int, lock: int) -> None:
        row = self._database.row(queries.LOCK, (lock,))
        assert row is not None
        instance, number, granted, regains, data = row
        try:
            entities = lock_of(instance, number, data)
        except StoreError as error:
            self._writing.set_aside(instance, error)
            self.end_lock(lock)
            return
        self._database.execute(queries.END_OPERATION, (operation,))
        self._database.execute(queries.LOCK_ENTITY, (lock, entity))
        self._database.execute(queries.GRANT, (lock,))
        if granted + 1 < len(entities):
            self._request_next(lock, entities, granted + 1)
        elif regains:
            self._regain(lock, instance)
        else:
            self._writing.tell(instance, CallCompleted(number=number))

    def _regain(self, lock: int, instance: int) -> None:
        self._database.execute(queries.REGAINED, (lock,))
        if self._database.row(queries.REGAINING, (instance,)) is None:
            self._database.execute(queries.HAS_LOCKS, (instance,))
            self._database.execute(queries.SETTLE, (self._writing.now, instance))
            self._writing.hints.instance_at(self._writing.now)

    # ---- the entity itself -------------------------------------------------------------------

    def find(self, entity: EntityId) -> Row | None:
        """(id, lane, epoch, locked_by, state, updated_at)."""
        type_ = self._writing.names.entity_type(entity.type)
        try:
            return self._database.row(queries.ENTITY, (type_, entity.key))
        except UnicodeEncodeError:  # no entity has such a key
            return None

    def _entity(self, entity: EntityId) -> int:
        found = self.find(entity)
        if found is not None:
            return int(found[0])
        type_ = self._writing.names.entity_type(entity.type)
        row = (entity.key, self._writing.now, type_)
        made = self._database.execute(queries.ADD_ENTITY, row).lastrowid
        assert made is not None
        return made

    def settle(self, entity: int) -> None:
        """Its queue has changed, or whoever had it in hand let go of it."""
        row = self._database.row(queries.ENTITY_BY_ID, (entity,))
        if row is None:
            return
        _, type_, _, _, lane, epoch, ready_at, locked_by, state, _ = row
        if lane > 0:
            return  # in hand: it is settled when it comes back
        if locked_by is None:
            first = self._database.row(queries.FIRST_OPERATION, (entity,))
            if first is not None and first[5] is None:
                self._grant(entity, first[0], first[4])
                self.settle(entity)
                return
        else:
            first = self._database.row(queries.OPERATIONS_OF_LOCK, (locked_by, entity, 1))
        due = None if first is None else first[1]
        if due != ready_at:
            self._database.execute(queries.ENTITY_READY, (due, entity))
        if due is not None:
            self._writing.hints.entity_at(due)
        elif state is None and locked_by is None:
            self._database.execute(queries.KEEP_EPOCH, (epoch, type_))
            self._database.execute(queries.END_ENTITY, (entity,))
