"""Handing out work.

Invariant: what is handed out was leased in the same transaction, and its news is in hand until its
session answers. What is damaged is set aside and named; what this release cannot read is left
alone; neither keeps the rest from being handed out.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from durable_async.engines.clock import moment
from durable_async.engines.news import in_order
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.claims import Claims, Damage, UnreadablePagesError
from durable_async.engines.sqlite.database import Row, is_about_one_row
from durable_async.engines.sqlite.rows import (
    DamageError,
    activity_number,
    activity_of,
    activity_range,
    check_timer,
    heartbeat_of,
    history_of,
    news_of,
    started_of,
)
from durable_async.engines.sqlite.transaction import Transaction
from durable_async.engines.sqlite.writing import NEVER, NewActivity, NewInstance
from durable_async.errors import StoreError
from durable_async.model.history import HistoryEvent
from durable_async.model.work import (
    ActivityLease,
    ActivityTask,
    Claim,
    Claimed,
    ClaimedEntity,
    Lease,
    News,
)

__all__ = ["Taking"]

_logger: Final = logging.getLogger("durable_async.engines")

T = TypeVar("T")

_NEXT_OF: Final = {
    queries.QUEUED_ONE: queries.NEXT_QUEUED_ONE,
    queries.QUEUED_OF_ROOT: queries.NEXT_QUEUED_OF_ROOT,
}
"""The statement that says when something will be found by another one."""


class Taking:
    """One claim, being served. claimed, tasks, entities: what is handed out."""

    def __init__(
        self, claims: Claims, claim: Claim, session: int, now: int, transaction: Transaction
    ) -> None:
        self._claims = claims
        self._database = claims.database
        self._holdings = claims.holdings
        self._hints = claims.hints
        self._claim = claim
        self._session = session
        self._now = now
        self._transaction = transaction
        self._writing = transaction.writing
        self.claimed: list[Claimed] = []
        self.tasks: list[ActivityTask] = []
        self.entities: list[ClaimedEntity] = []

    def take(self) -> int | None:
        """Returns when the session could take something next."""
        if self._claim.any_version:  # this very batch may have brought new ones
            self._claims.learn(self._claim)
        more = self._take_instances()
        self._take_activities()
        if self._claim.max_entities and self._hints.entities <= self._now:
            more = self._take_entities() or more
        if more:
            return self._now
        full = len(self.tasks) >= self._claim.max_activities
        return self._claims.next_due(self._claim, self._session, self._now, full=full)

    # ---- instances ---------------------------------------------------------------------------

    def _take_instances(self) -> bool:
        """Returns whether there are more than were asked for."""
        for new in self._writing.created.values():
            self.claimed.append(self._fresh(new))
        for row in self._claims.held(self._claim, self._session, self._now):
            if len(self.claimed) >= self._claim.max_instances:
                return True
            self._hand_out(row, is_held=True)
        return self._hints.instances <= self._now and self._take_free()

    def _fresh(self, new: NewInstance) -> Claimed:
        """What was created for this session a moment ago."""
        started = new.started
        return Claimed(
            lease=new.lease,
            history=(started,),
            news=self._news(new.key) if new.has_mail else (),
        )

    def _take_free(self) -> bool:
        room = self._claim.max_instances - len(self.claimed)
        free = [row for row in self._free(room) if row[0] not in self._claims.unreadable]
        for row in free[:room]:
            self._hand_out(row, is_held=False)
        more = len(free) > room
        self._hints.instances = self._now if more else self._next_free()
        return more

    def _free(self, room: int) -> list[Row]:
        """What nobody holds and is ready, oldest first; then what other definitions blocked. One
        more than there is room for, to know that there is more."""
        if self._claim.only is not None:
            return list(self._free_of(self._claim.only))
        limit = room + 1 + len(self._claims.unreadable)
        rows: list[Row] = []
        for definition in self._claims.definitions:
            rows += self._database.rows(queries.READY, (-definition, self._now, limit))
        if len(self._claims.definitions) > 1:
            rows.sort(key=lambda row: (row[7], row[0]))
        if len(rows) < limit:
            fingerprint = self._claim.fingerprint
            for definition in self._claims.definitions:
                for sql in (queries.BLOCKED_BELOW, queries.BLOCKED_ABOVE):
                    arguments = (definition, fingerprint, fingerprint, limit)
                    rows += self._database.rows(sql, arguments)
        return rows

    def _free_of(self, only: frozenset[str]) -> Iterator[Row]:
        """Each once, though it may be named and descend from one that is."""
        namespace, fingerprint = self._claims.names.namespace, self._claim.fingerprint
        database, lineage = self._database, self._claims.lineage
        found: dict[int, Row] = {}
        for instance_id in only:
            one = (namespace, instance_id, self._now, fingerprint)
            for row in database.rows(queries.READY_ONE, one):
                found[row[0]] = row
        for root in lineage.roots(only):
            rows = database.rows(queries.READY_OF_ROOT, (root, self._now))
            rows += database.rows(queries.BLOCKED_OF_ROOT, (root, fingerprint))
            for row in rows:
                if row[0] not in found and lineage.is_among(row[0], only):
                    found[row[0]] = row
        for row in found.values():
            if row[3] in self._claims.definitions:
                yield row

    def _next_free(self) -> int:
        now, only = self._now, self._claim.only
        if only is None:
            definitions = self._claims.definitions
            return self._earliest([(queries.NEXT_READY, (-each, now)) for each in definitions])
        namespace = self._claims.names.namespace
        asked: list[tuple[str, tuple[Any, ...]]]
        asked = [(queries.NEXT_READY_ONE, (namespace, each, now)) for each in only]
        asked += [
            (queries.NEXT_READY_OF_ROOT, (key, now)) for key in self._claims.lineage.roots(only)
        ]
        return self._earliest(asked)

    def _hand_out(self, row: Row, *, is_held: bool) -> None:
        """row: of `queries.READY`."""
        key, instance_id, execution_id, _, status, epoch, length, _, serial, root, era, anew = row
        loaded = self._readable(key, instance_id, lambda: self._load(row, is_held))
        if loaded is None:
            return
        history, news = loaded
        if (
            status == queries.RUNNING and not news and not anew
        ):  # it was ready for something that is gone
            self._database.execute(queries.SETTLE, (self._now, key))
            return
        if not is_held:
            epoch += 1
            if status == queries.BLOCKED:
                row = (self._session, self._now, key)
                self._database.execute(queries.TAKE_BLOCKED, row)
            else:
                self._database.execute(queries.TAKE, (self._session, key))
        lease = Lease(instance_id, execution_id, epoch)
        if not is_held:
            self._holdings.hold(
                key, lease, self._session, length, status, serial=serial, root=root, era=era
            )
        self._holdings.hand(key)
        self.claimed.append(Claimed(lease=lease, history=history, news=news))

    def _load(
        self, row: Row, is_held: bool
    ) -> tuple[tuple[HistoryEvent, ...] | None, tuple[News, ...]]:
        """history: None if the session holds the instance, and so knows it."""
        return None if is_held else self._history(row), self._news(row[0])

    def _history(self, row: Row) -> tuple[HistoryEvent, ...]:
        key, instance_id, execution_id, definition, _, _, length = row[:7]
        chunks = self._database.rows(queries.HISTORY, (key,))
        history = history_of(chunks, execution_id, length)
        started = started_of(history, instance_id)
        its = (started.name, started.version, started.queue)
        if its != self._claims.names.definition_of(definition):
            raise DamageError("history is one of another orchestrator", "table instances")
        return history

    def _news(self, key: int) -> tuple[News, ...]:
        messages = [news_of(row, key) for row in self._database.rows(queries.INBOX, (key,))]
        timers = self._database.rows(queries.DUE_TIMERS, (key, self._now))
        for due, number, checksum in timers:
            check_timer(key, number, due, checksum)
        return in_order(messages, [(moment(due), number) for due, number, _ in timers])

    # ---- activities --------------------------------------------------------------------------

    def _take_activities(self) -> None:
        """Those that waited, oldest first, then those of this batch."""
        room = self._claim.max_activities
        if room and self._hints.activities <= self._now:
            self._take_queued()
        if not self._writing.new_activities:
            return
        activities = self._transaction.activities
        for new in self._writing.take_new_activities():
            admitted = self._admits(new)
            if admitted and len(self.tasks) < room:
                self.tasks.append(activities.begin(new))
                continue
            activities.queue(new)
            if admitted:
                self._hints.activity_at(self._now)
        self._writing.write()

    def _admits(self, new: NewActivity) -> bool:
        claim = self._claim
        return (
            new.command.name in claim.activities
            and new.options.queue in claim.queues
            and (claim.only is None or self._is_among(new, claim.only))
        )

    def _is_among(self, new: NewActivity, only: frozenset[str]) -> bool:
        return new.lease.instance_id in only or (
            new.root is not None and self._claims.lineage.is_among(new.instance, only)
        )

    def _take_queued(self) -> None:
        room = self._claim.max_activities
        queued = self._queued(room + 1 + len(self._claims.unreadable))
        queued = [key for key in queued if key not in self._claims.unreadable]
        begun = [(self._session, key) for key in queued[:room] if self._begin(key)]
        if begun:
            self._database.executemany(queries.BEGIN_ATTEMPT, begun)
        self._hints.activities = self._now if len(queued) > room else self._next_queued()

    def _queued(self, limit: int) -> list[int]:
        rows: list[Row] = []
        if self._claim.only is None:
            for queue in self._claims.queues:
                rows += self._database.rows(queries.QUEUED, (-queue, self._now, limit))
        else:
            rows += self._queued_of(self._claim.only)
        rows.sort(key=lambda row: (row[1], row[0]))
        return [row[0] for row in rows]

    def _queued_of(self, only: frozenset[str]) -> list[Row]:
        found: dict[int, Row] = {}
        for sql, keys in self._where(only):
            for row in self._database.rows(sql, (*keys, self._now)):
                if row[2] in self._claims.queues and self._claims.lineage.is_among(row[3], only):
                    found[row[0]] = row
        return list(found.values())

    def _next_queued(self) -> int:
        now, only = self._now, self._claim.only
        if only is None:
            queues = self._claims.queues
            return self._earliest([(queries.NEXT_QUEUED, (-each, now)) for each in queues])
        asked = [(_NEXT_OF[sql], (*keys, now)) for sql, keys in self._where(only)]
        return self._earliest(asked)

    def _where(self, only: frozenset[str]) -> list[tuple[str, tuple[int, ...]]]:
        """Where activities of these instances, and of their descendants, are."""
        namespace = self._claims.names.namespace
        rows = [self._database.row(queries.SERIAL, (namespace, each)) for each in only]
        found: list[tuple[str, tuple[int, ...]]] = [
            (queries.QUEUED_ONE, activity_range(row[0])) for row in rows if row is not None
        ]
        found += [(queries.QUEUED_OF_ROOT, (key,)) for key in self._claims.lineage.roots(only)]
        return found

    def _begin(self, key: int) -> bool:
        """Hand it out, if that can be; that it runs is still to be written."""
        row = self._database.row(queries.ACTIVITY_TO_RUN, (key,))
        assert row is not None
        instance_id, execution_id, epoch, attempt, scheduled_at, data, checksum, heartbeat = row[:8]
        if instance_id is None:  # its instance is gone
            self._database.execute(queries.END_ACTIVITY, (key,))
            return False
        stored = self._readable(
            key,
            instance_id,
            lambda: (activity_of(key, data, checksum), heartbeat_of(key, heartbeat)),
            is_activity=True,
        )
        if stored is None:
            return False
        activity, details = stored
        task = ActivityTask(
            lease=ActivityLease(instance_id, execution_id, activity_number(key), epoch + 1),
            name=activity.name,
            input=activity.input,
            options=activity.options,
            attempt=attempt,
            scheduled_at=moment(scheduled_at),
            heartbeat=details,
        )
        self._holdings.run(key, task, self._session, row[8])
        self.tasks.append(task)
        return True

    # ---- entities ----------------------------------------------------------------------------

    def _take_entities(self) -> bool:
        """Returns whether there are more than were asked for."""
        room = self._claim.max_entities
        rows: list[Row] = []
        for type_ in self._claims.entity_types:
            rows += self._database.rows(queries.ENTITIES_READY, (-type_, self._now, room + 1))
        rows.sort(key=lambda row: (row[1], row[0]))
        for row in rows[:room]:
            taken = self._transaction.operations.take(row[0])
            if taken is not None:
                self.entities.append(taken)
        more = len(rows) > room
        types, now = self._claims.entity_types, self._now
        self._hints.entities = (
            now
            if more
            else self._earliest([(queries.NEXT_ENTITY_READY, (-each, now)) for each in types])
        )
        # Dropped operations may have been waited for.
        self._writing.write()
        return more

    # ---- what cannot be read -----------------------------------------------------------------

    def _readable(
        self, key: int, instance_id: str, load: Callable[[], T], *, is_activity: bool = False
    ) -> T | None:
        """What `load` reads; None if that cannot be read. key: of the instance, or activity."""
        try:
            return load()
        except DamageError as error:
            self._claims.set_aside(Damage(key, instance_id, is_activity, error.place, error.why))
        except sqlite3.DatabaseError as error:
            if not is_about_one_row(error):
                raise
            # SQLite writes nothing more in a transaction that has met such a page.
            damage = Damage(key, instance_id, is_activity, "one of its pages", str(error))
            raise UnreadablePagesError(damage) from error
        except StoreError as error:
            # The bytes are what was written, so a newer release wrote them. A worker that knows
            # them will take it.
            self._claims.unreadable.add(key)
            _logger.error("instance %r is left alone: %s", instance_id, error)
        return None

    def _earliest(self, asked: Sequence[tuple[str, tuple[Any, ...]]]) -> int:
        earliest = NEVER
        for sql, values in asked:
            row = self._database.row(sql, values)
            if row is not None and row[0] is not None:
                earliest = min(earliest, row[0])
        return earliest
