"""What became of operations of entities, batch by batch.

Invariant: operations leave the queue when, and only when, what came of them is committed.
"""

from __future__ import annotations

import logging
from typing import Final

from durable_async.engines import refusals
from durable_async.engines.clock import moment
from durable_async.engines.limits import OPERATIONS_A_BATCH
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.creations import Creations
from durable_async.engines.sqlite.database import Row
from durable_async.engines.sqlite.delivery import Delivery
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rows import DamageError, operation_of, state_of, state_row
from durable_async.engines.sqlite.writing import Writing
from durable_async.errors import DurableError
from durable_async.model.failure import Failure
from durable_async.model.history import CallCompleted, CallFailed
from durable_async.model.identity import EntityId
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.work import (
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    Operation,
    OperationResult,
    SendSignal,
)

__all__ = ["Operations"]

_logger: Final = logging.getLogger("durable_async.engines")


class Operations:
    def __init__(
        self,
        writing: Writing,
        queueing: Queueing,
        creations: Creations,
        delivery: Delivery,
    ) -> None:
        self._writing = writing
        self._database = writing.database
        self._queueing = queueing
        self._creations = creations
        self._delivery = delivery

    # ---- committed ---------------------------------------------------------------------------

    def commit(self, commit: EntityCommit) -> None:
        self._writing.whole(lambda: self._commit(commit))

    def _commit(self, commit: EntityCommit) -> None:
        writing = self._writing
        entity = self._held(commit.lease)
        state = None if commit.state is None else state_row(entity, commit.state)
        in_hand = {
            row[0]: row for row in self._database.rows(queries.OPERATIONS_IN_HAND, (entity,))
        }
        self._database.execute(queries.SET_ENTITY, (state, writing.now, entity))
        for result in commit.results:
            row = in_hand.get(result.number)
            if row is not None:
                self._end(row, result)
                self._send(commit.lease.entity, result)
        self._let_go(entity)

    def _end(self, row: Row, result: OperationResult) -> None:
        operation, _, instance, number = row[:4]
        self._database.execute(queries.END_OPERATION, (operation,))
        if instance is None:
            return
        if result.failure is not None:
            failed = CallFailed(number=number, failure=result.failure)
            self._writing.tell(instance, failed)
        else:
            self._writing.tell(instance, CallCompleted(number=number, result=result.result))

    def _send(self, entity: EntityId, result: OperationResult) -> None:
        sender = f"entity {entity.type!r} {entity.key!r}"
        for message in result.messages:
            if isinstance(message, SendSignal):
                self._queueing.signal(message)
            else:
                self._delivery.send_event(message, sender)
        for request in result.starts:
            try:
                self._creations.create(request)
            except DurableError as error:
                _logger.warning("%s could not start an instance: %s", sender, error)

    # ---- leases ------------------------------------------------------------------------------

    def give_back(self, lease: EntityLease) -> None:
        """Raises: LeaseLostError if the session does not hold it."""
        entity = self._held(lease)
        row = (entity, self._writing.session, lease.epoch)
        self._database.execute(queries.RELEASE_ENTITY, row)
        self._let_go(entity)

    def free(self, session: int, limit: int, *, lost: bool) -> int:
        """Take from a session what it has in hand. Returns how many those were."""
        rows = self._database.rows(queries.ENTITIES_HELD_BY, (session, limit))
        for entity, times in rows:
            times += lost
            if times >= LOST_WORKER_LIMIT:
                self._give_up(entity, times)
                times = 0
            self._database.execute(queries.LOSE_ENTITY, (times, entity))
            self._let_go(entity)
        return len(rows)

    def _held(self, lease: EntityLease) -> int:
        row = self._queueing.find(lease.entity)
        if row is None or row[1:3] != (self._writing.session, lease.epoch):
            raise refusals.entity_lease_lost(lease)
        return int(row[0])

    def _let_go(self, entity: int) -> None:
        self._database.execute(queries.PUT_BACK_OPERATIONS, (entity,))
        self._queueing.settle(entity)

    def _give_up(self, entity: int, lost: int) -> None:
        """The first one in hand has been handed out by itself again and again."""
        rows = self._database.rows(queries.OPERATIONS_IN_HAND, (entity,))
        if not rows:
            return
        first = rows[0]
        named = self._database.row(queries.ENTITY_BY_ID, (entity,))
        assert named is not None
        entity_id = EntityId(named[2], named[3])
        try:
            name = operation_of(entity, first[1], first[4], first[5], first[6]).name
        except DamageError:
            name = "?"
        failure = refusals.operation_lost(entity_id, name, lost)
        self._end(first, OperationResult(number=first[0], failure=failure))

    # ---- handed out --------------------------------------------------------------------------

    def take(self, entity: int) -> ClaimedEntity | None:
        """None if there is nothing to be run, or if it cannot be read."""
        row = self._database.row(queries.ENTITY_BY_ID, (entity,))
        assert row is not None
        _, _, type_, key, _, epoch, _, locked_by, state, lost = row
        entity_id = EntityId(type_, key)
        try:
            payload = state_of(entity, state)
        except DamageError as error:
            self._set_aside(entity, entity_id, error)
            return None
        # Once a worker has died, by themselves: the others shall not suffer from one.
        found = self._runnable(entity, locked_by, 1 if lost else OPERATIONS_A_BATCH)
        operations = [each for each in (self._readable(entity, row) for row in found) if each]
        if not operations:
            self._queueing.settle(entity)
            return None
        for each in operations:
            self._database.execute(queries.TAKE_OPERATION, (each.number,))
        self._database.execute(queries.TAKE_ENTITY, (self._writing.session, entity))
        return ClaimedEntity(
            lease=EntityLease(entity_id, epoch + 1),
            state=payload,
            operations=tuple(operations),
        )

    def _runnable(self, entity: int, locked_by: int | None, limit: int) -> list[Row]:
        if locked_by is not None:
            return self._database.rows(queries.OPERATIONS_OF_LOCK, (locked_by, entity, limit))
        now = self._writing.now
        rows = self._database.rows(queries.QUEUED_OPERATIONS, (entity, now, limit))
        for place, row in enumerate(rows):
            if row[5] is None:  # whoever asks for the lock comes before the rest
                return rows[:place]
        return rows

    def _readable(self, entity: int, row: Row) -> Operation | None:
        number, at, instance, its_number, lock, data, checksum, _ = row
        try:
            stored = operation_of(entity, at, lock, data, checksum)
        except DamageError as error:
            _logger.error("an operation is dropped: %s (%s)", error.why, error.place)
            self._end(
                (number, at, instance, its_number),
                OperationResult(number=number, failure=_failure(error)),
            )
            return None
        # Whoever waited for it may have gone.
        caller = None if instance is None else stored.caller
        return Operation(
            number=number, name=stored.name, input=stored.input, caller=caller, at=moment(at)
        )

    def _set_aside(self, entity: int, entity_id: EntityId, error: DamageError) -> None:
        _logger.error(
            "entity %r %r is set aside: %s (in %s, %s). Others go on. Restore the store from a "
            "backup",
            entity_id.type,
            entity_id.key,
            error.why,
            self._database.path,
            error.place,
        )
        self._database.execute(queries.SET_ASIDE_ENTITY, (entity,))


def _failure(error: DamageError) -> Failure:
    return refusals.failure_from(error, instance_id=None)
