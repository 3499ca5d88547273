"""Failed instances that go on from before their failure.

Invariant: what is kept of a history is what was there; nothing is rewound of an instance whose
history cannot be read.
"""

from __future__ import annotations

import logging
from typing import Final

from durable_async.core.rewind import rewound
from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.calls import CHILD, CHILD_LET_GO, Calls
from durable_async.engines.sqlite.episodes import Episodes
from durable_async.engines.sqlite.holdings import Held
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rows import (
    DamageError,
    chunk_row,
    events_of,
    history_of,
    started_of,
)
from durable_async.engines.sqlite.standing import STATUSES, Standing, find
from durable_async.engines.sqlite.writing import NOBODY, Writing
from durable_async.model.commands import Command, RequestLock, StartChild, StartInstance
from durable_async.model.history import CallCompleted
from durable_async.model.identity import Caller

__all__ = ["Rewinding"]

_logger: Final = logging.getLogger("durable_async.engines")


class Rewinding:
    def __init__(
        self, writing: Writing, episodes: Episodes, calls: Calls, queueing: Queueing
    ) -> None:
        self._writing = writing
        self._episodes = episodes
        self._calls = calls
        self._queueing = queueing

    def rewind(self, there: Standing) -> int:
        if there.status != queries.FAILED:
            raise refusals.not_failed(there.instance_id, STATUSES[there.status])
        self._writing.whole(lambda: self._rewind(there))
        return 1

    def _rewind(self, there: Standing) -> None:
        """And the failed children that it waits for."""
        chunks = self._writing.database.rows(queries.HISTORY, (there.key,))
        history = history_of(chunks, there.lease.execution_id, there.length)
        started = started_of(history, there.instance_id)
        past = rewound(history)
        for event in past.dropped:
            _logger.info("%s", refusals.dropped_by_rewind(there.instance_id, event))
        held = self._go_back(there, len(past.history))
        self._rejoin(started.parent, there.key)
        self._regain(there.key, past.locks)
        for delivered in past.redeliver:
            self._writing.tell(there.key, delivered)
        self._writing.write()
        for command in past.commands:
            match command:
                case StartChild():
                    self._find_child(held, command)
                case StartInstance() if self._is_there(held, command):
                    pass
                case _:
                    self._carry_out(held, command)
            self._writing.write()
        self._writing.database.execute(queries.SETTLE, (self._writing.now, there.key))
        self._writing.hints.forget()

    def _go_back(self, there: Standing, length: int) -> Held:
        """Returns the instance as if somebody held it, for what is carried out anew."""
        writing, key, lease = self._writing, there.key, there.lease
        database = writing.database
        row = database.row(queries.LAST_CHUNK_BEFORE, (key, length))
        assert row is not None
        kept = events_of(lease.execution_id, *row)[: length - row[0]]
        database.execute(queries.CUT_HISTORY, (key, row[0]))
        writing.chunks.append(chunk_row(key, lease.execution_id, row[0], kept))
        (serial,) = database.rows(queries.TAKE_SERIAL)[0]
        database.execute(queries.GO_BACK, (length, writing.now, length == 1, serial, key))
        database.execute(queries.FORGET_TRIED, (key,))
        return Held(
            key,
            lease,
            NOBODY,
            length,
            queries.RUNNING,
            seen_in=-1,
            serial=serial,
            root=there.root,
            era=there.era + 1,
        )

    def _rejoin(self, parent: Caller | None, key: int) -> None:
        """A parent that lives ends its child with it, though it may have been told of its end."""
        if parent is None:
            return
        family = find(self._writing, parent.instance_id)
        if family is None or family.has_ended:
            return
        if family.lease.execution_id == parent.execution_id:
            self._calls.wait_for(key, family.key, parent.number, CHILD_LET_GO)

    def _regain(self, key: int, locks: tuple[RequestLock, ...]) -> None:
        if not locks:
            return
        self._writing.database.execute(queries.AWAIT_LOCKS, (key,))
        for lock in locks:
            self._queueing.request_lock(key, lock.number, lock.entities, regains=True)

    def _carry_out(self, held: Held, command: Command) -> None:
        others = self._episodes.carry_out(held, (command,))
        if others is not None:
            self._episodes.ask_others(held, others)

    # ---- children and detached instances -----------------------------------------------------

    def _is_there(self, held: Held, command: StartInstance) -> bool:
        """It was started before; that is the answer."""
        there = find(self._writing, command.request.instance_id)
        if there is None or there.lease.execution_id != command.request.execution_id:
            return False
        self._writing.tell(held.key, CallCompleted(number=command.number))
        return True

    def _find_child(self, held: Held, command: StartChild) -> None:
        """The child that is waited for goes on, or answers, as it stands. One that is gone, or was
        cancelled or terminated, begins anew."""
        there = find(self._writing, command.request.instance_id)
        era = held.era
        if there is not None:
            if not self._is_child(held, command, there):
                self._carry_out(held, command)  # to be told that the id is taken
                return
            if there.status == queries.COMPLETED:
                self._calls.tell_end(held.key, command.number, there)
                return
            if there.status == queries.FAILED or not there.has_ended:
                self._calls.wait_for(there.key, held.key, command.number, CHILD)
                if there.has_ended:
                    self._rewind(there)
                return
            era = max(era, there.era + 1)
            for sql in queries.DELETE_INSTANCE:
                self._writing.database.execute(sql, (there.key,))
        self._calls.start_child(held, command, era)

    def _is_child(self, held: Held, command: StartChild, there: Standing) -> bool:
        first = self._writing.database.row(queries.FIRST_CHUNK, (there.key,))
        if first is None:
            raise DamageError("the start of its history is missing", "table history")
        events = events_of(there.lease.execution_id, 0, *first)
        lease = held.lease
        caller = Caller(lease.instance_id, lease.execution_id, command.number)
        return started_of(events, there.instance_id).parent == caller
