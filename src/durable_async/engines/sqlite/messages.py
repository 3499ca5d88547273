"""What clients and operators say to instances.

Invariant: a message is refused before anything of it is done, and counts as many instances as it
has reached.
"""

from __future__ import annotations

from collections import deque
from typing import assert_never

from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.delivery import Delivery
from durable_async.engines.sqlite.ends import Ends
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rewinding import Rewinding
from durable_async.engines.sqlite.rows import suspension_row
from durable_async.engines.sqlite.standing import STATUSES, Standing, find, find_live
from durable_async.engines.sqlite.writing import Writing
from durable_async.errors import InstanceFinishedError
from durable_async.model.work import (
    Cancel,
    ForgetAnswer,
    Message,
    Purge,
    RaiseEvent,
    Resume,
    Rewind,
    SendSignal,
    Suspend,
    Terminate,
)

__all__ = ["Messages"]


class Messages:
    def __init__(
        self,
        writing: Writing,
        ends: Ends,
        queueing: Queueing,
        delivery: Delivery,
        rewinding: Rewinding,
    ) -> None:
        self._writing = writing
        self._ends = ends
        self._queueing = queueing
        self._delivery = delivery
        self._rewinding = rewinding

    def send(self, message: Message) -> int:
        if isinstance(message, RaiseEvent):
            return self._raise_event(message)
        self._writing.write()
        match message:
            case SendSignal():
                self._signal(message)
                return 1
            case ForgetAnswer(request_id=request_id):
                return self._forget_answer(request_id)
            case Purge(instance_id=instance_id):
                return self._purge(self._find(instance_id))
            case Rewind(instance_id=instance_id):
                return self._rewinding.rewind(self._find(instance_id))
            case Cancel() | Terminate() | Suspend() | Resume():
                return self._send_live(message)
            case _:
                assert_never(message)

    def _raise_event(self, message: RaiseEvent) -> int:
        writing = self._writing
        held = writing.holdings.find(message.instance_id)
        if held is not None:
            # Whoever holds a lease holds that of a live instance.
            return int(self._delivery.raise_event(held.key, message))
        try:
            there = find_live(writing, message.instance_id)
        except InstanceFinishedError:
            if self._delivery.was_raised(message):
                return 0
            raise
        if not self._delivery.raise_event(there.key, message):
            return 0
        if there.status == queries.RUNNING:
            writing.hints.instance_at(writing.now)
        return 1

    # ---- verbs for the live ------------------------------------------------------------------

    def _send_live(self, message: Cancel | Terminate | Suspend | Resume) -> int:
        refusals.require_text(message.reason)
        writing = self._writing
        there = find_live(writing, message.instance_id)
        reached = 1
        match message:
            case Cancel(reason=reason):
                self._ends.cancel(there, reason)
            case Terminate(reason=reason, recursive=recursive):
                before = len(writing.ends)
                self._ends.terminate(there, reason, recursive=recursive)
                writing.write()
                reached = len(writing.ends) - before if recursive else 1
            case Suspend(reason=reason):
                self._suspend(there, reason)
            case Resume():
                if there.status == queries.SUSPENDED:
                    self._ends.resume(there)
            case _:
                assert_never(message)
        writing.write()
        return reached

    def _suspend(self, there: Standing, reason: str) -> None:
        if there.status == queries.SUSPENDED:
            return
        writing, key = self._writing, there.key
        row = writing.database.row(queries.STANDING, (key,))
        assert row is not None
        status, ready_at, blocked_under = row
        suspended = suspension_row(key, status, ready_at, blocked_under, reason)
        writing.database.execute(queries.ADD_SUSPENSION, suspended)
        writing.database.execute(queries.SUSPEND, (writing.now, key))
        writing.holdings.drop_lease(there.instance_id)
        writing.created.pop(there.instance_id, None)

    # ---- verbs for the ended -----------------------------------------------------------------

    def _find(self, instance_id: str) -> Standing:
        there = find(self._writing, instance_id)
        if there is None:
            raise refusals.not_found(instance_id, self._writing.namespace)
        return there

    def _purge(self, there: Standing) -> int:
        """How many are gone: with it all of its descendants, but those that have not ended, and
        theirs."""
        if not there.has_ended:
            raise refusals.not_ended(there.instance_id, STATUSES[there.status])
        database, namespace = self._writing.database, self._writing.names.namespace
        purged = 0
        ending = deque([(there.key, there.instance_id)])
        while ending:
            key, instance_id = ending.popleft()
            for child, child_id, status in database.rows(
                queries.CHILDREN_OF, (namespace, instance_id)
            ):
                if status >= queries.COMPLETED:
                    ending.append((child, child_id))
            for sql in queries.DELETE_INSTANCE:
                database.execute(sql, (key,))
            purged += 1
        return purged

    # ---- what concerns no instance -----------------------------------------------------------

    def _signal(self, message: SendSignal) -> None:
        refusals.require_text(message.entity.type, message.entity.key, message.operation)
        self._queueing.signal(message)

    def _forget_answer(self, request_id: str) -> int:
        refusals.require_text(request_id)
        key = (self._writing.names.namespace, request_id)
        self._writing.database.execute(queries.FORGET_ANSWER, key)
        return 1
