"""Reading instances, for people and their clients.

Invariant: one instance that cannot be read does not keep the others from being read; it is shown as
BLOCKED, with what is wrong, and never with a value that may be another's.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from durable_async.engines import refusals
from durable_async.engines.clock import microseconds, moment
from durable_async.engines.ends import reason_of, status_after
from durable_async.engines.names import hides
from durable_async.engines.news import in_order
from durable_async.engines.pages import Position
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.activities import HAS_ENDED
from durable_async.engines.sqlite.database import Database, Row, after_prefix, is_about_one_row, sql
from durable_async.engines.sqlite.lineage import Lineage
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.offers import Offers
from durable_async.engines.sqlite.rows import (
    DamageError,
    activity_number,
    activity_of,
    activity_range,
    answer_of,
    check_suspension,
    custom_status_of,
    events_of,
    failure_of,
    history_of,
    news_of,
    started_of,
)
from durable_async.engines.sqlite.standing import STATUSES, number_of
from durable_async.errors import StoreError
from durable_async.model.history import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
    HistoryEvent,
)
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import ActivityRecord, Answer, InstanceQuery, InstanceRecord, Page
from durable_async.ports import Clock

__all__ = ["Listing"]

FEW: Final = 2_000
"""Instances that are looked at one by one rather than in the order of the list."""

UNREADABLE_INPUT: Final = Payload(b"null")
"""In a record that says it is damaged."""

_COLUMNS: Final = """
SELECT id, instance_id, execution_id, definition, status, length, created_at, updated_at,
    completed_at, idle, blocked, ifnull(serial, id), root, ready_at
FROM instances
"""

_ONE: Final = sql(_COLUMNS, "WHERE namespace = ? AND instance_id = ?")

_BY_KEY: Final = sql(_COLUMNS, "WHERE id = ?")

_STANDS: Final = "SELECT status, idle FROM instances WHERE namespace = ? AND instance_id = ?"

_AT_WORK: Final = (queries.PENDING, queries.RUNNING, queries.SUSPENDED)

_WITH_PREFIX: Final = """
SELECT id FROM instances WHERE namespace = ? AND instance_id >= ? AND instance_id < ? LIMIT ?
"""

_OF_PARENT: Final = """
SELECT id FROM instances WHERE namespace = ? AND parent_id = ? LIMIT ?
"""

_CUSTOM_STATUS: Final = "SELECT data FROM custom_statuses WHERE instance = ?"


class Listing:
    """Reads the instances of one namespace. To be called within one read transaction."""

    def __init__(self, database: Database, names: Names, offers: Offers, clock: Clock) -> None:
        self._database = database
        self._names = names
        self._offers = offers
        self._clock = clock
        self._lineage = Lineage(database, names)

    # ---- single instances --------------------------------------------------------------------

    def record(self, instance_id: str) -> InstanceRecord | None:
        try:
            row = self._database.row(_ONE, (self._names.namespace, instance_id))
        except UnicodeEncodeError:  # no instance has such an id
            return None
        return None if row is None else self._record(row)

    def is_at_work(self, instance_id: str) -> bool:
        try:
            row = self._database.row(_STANDS, (self._names.namespace, instance_id))
        except UnicodeEncodeError:  # no instance has such an id
            return False
        return row is not None and row[0] in _AT_WORK and not row[1]

    def history(self, instance_id: str) -> tuple[HistoryEvent, ...] | None:
        """Raises: StoreError if it is damaged, or if a newer release wrote it."""
        row = self._database.row(_ONE, (self._names.namespace, instance_id))
        if row is None:
            return None
        try:
            chunks = self._database.rows(queries.HISTORY, (row[0],))
            history = history_of(chunks, row[2], row[5])
            started_of(history, instance_id)
        except (DamageError, sqlite3.DatabaseError) as error:
            raise StoreError(self._what_is_wrong(instance_id, error)) from error
        return history

    def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...] | None:
        """Raises: StoreError if it is damaged, or if a newer release wrote it."""
        row = self._database.row(_ONE, (self._names.namespace, instance_id))
        if row is None:
            return None
        try:
            news = [news_of(each, row[0]) for each in self._database.rows(queries.INBOX, row[:1])]
        except (DamageError, sqlite3.DatabaseError) as error:
            raise StoreError(self._what_is_wrong(instance_id, error)) from error
        return tuple([each.event for each in in_order(news, [])])

    def answer(self, request_id: str, since: int) -> Answer | None:
        """since: older ones are gone. Raises: StoreError if it is damaged."""
        row = self._database.row(queries.ANSWER, (self._names.namespace, request_id, since))
        return None if row is None else answer_of(request_id, row[0])

    # ---- lists -------------------------------------------------------------------------------

    def page(self, query: InstanceQuery) -> Page:
        after = None if query.after is None else Position.parse(query.after)
        found = list(islice(self._newest_first(query, after), query.limit + 1))
        shown = found[: query.limit]
        records = []
        for _, key in shown:
            row = self._database.row(_BY_KEY, (key,))
            assert row is not None  # it was there in this very transaction
            records.append(self._record(row))
        more = len(found) > len(shown) and bool(shown)
        return Page(tuple(records), str(Position(*shown[-1])) if more else None)

    def count(self, query: InstanceQuery) -> int:
        keys = self._few(query)
        if keys is not None:
            return len(self._of_keys(query, keys, None))
        conditions, values = _conditions(query, None)
        statement = sql("SELECT count(*) FROM instances WHERE", _all(_BRANCH, *conditions))
        total = 0
        for branch in self._branches(query):
            row = self._database.row(statement, (*branch, *values))
            total += row[0] if row else 0
        return total

    def _newest_first(
        self, query: InstanceQuery, after: Position | None
    ) -> Iterator[tuple[int, int]]:
        """(created_at, key) of those that match, read only as far as they are asked for."""
        keys = self._few(query)
        if keys is not None:
            return iter(self._of_keys(query, keys, after))
        conditions, values = _conditions(query, after)
        statement = sql(
            "SELECT created_at, id FROM instances WHERE",
            _all(_BRANCH, *conditions),
            "ORDER BY created_at DESC, id DESC",
        )
        # Each branch comes in order from the index, so that nothing is sorted.
        branches = [
            self._database.execute(statement, (*branch, *values))
            for branch in self._branches(query)
        ]
        return heapq.merge(*branches, reverse=True)

    def _branches(self, query: InstanceQuery) -> list[tuple[int, int]]:
        statuses = [
            number
            for number, status in enumerate(STATUSES)
            if query.status is None or status in query.status
        ]
        definitions = self._names.definitions(query.name)
        return [
            (number, status)
            for number, name, _, _ in definitions
            if not hides(query, name)
            for status in statuses
        ]

    def _few(self, query: InstanceQuery) -> list[int] | None:
        """Keys of all that have the tags or the prefix asked for, if they are few. If they are
        many, a walk through the whole list meets one soon enough."""
        asked: list[tuple[str, Sequence[object]]] = [
            ("SELECT instance FROM tags WHERE key = ? AND value = ? LIMIT ?", tag)
            for tag in query.tags.items()
        ]
        if query.parent_id is not None:
            asked.append((_OF_PARENT, (self._names.namespace, query.parent_id)))
        following = None if query.id_prefix is None else after_prefix(query.id_prefix)
        if following is not None:
            asked.append((_WITH_PREFIX, (self._names.namespace, query.id_prefix, following)))
        for statement, values in asked:
            rows = self._database.rows(statement, (*values, FEW + 1))
            if len(rows) <= FEW:
                return [row[0] for row in rows]
        return None

    def _of_keys(
        self, query: InstanceQuery, keys: list[int], after: Position | None
    ) -> list[tuple[int, int]]:
        branches = set(self._branches(query))
        conditions, values = _conditions(query, after)
        statement = sql(
            "SELECT created_at, id, definition, status FROM instances WHERE",
            _all("id = ?", *conditions),
        )
        found: list[tuple[int, int]] = []
        for key in keys:
            row = self._database.row(statement, (key, *values))
            if row is not None and row[2:] in branches:
                found.append((row[0], row[1]))
        return sorted(found, reverse=True)

    # ---- one row as a record -----------------------------------------------------------------

    def _record(self, row: Row) -> InstanceRecord:
        try:
            return self._whole_record(row)
        except (StoreError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.Error) and not is_about_one_row(error):
                raise
            return self._broken_record(row, self._what_is_wrong(row[1], error))

    def _whole_record(self, row: Row) -> InstanceRecord:
        key, instance_id, execution_id, definition, status, length = row[:6]
        serial, root, ready_at = row[11:14]
        first = self._database.row(queries.FIRST_CHUNK, (key,))
        if first is None:
            raise DamageError("the start of its history is missing", "table history")
        started = started_of(events_of(execution_id, 0, *first), instance_id)
        its = (started.name, started.version, started.queue)
        if its != self._names.definition_of(definition):
            raise DamageError("history is one of another orchestrator", "table instances")
        has_ended = STATUSES[status].has_ended
        last = self._last_event(key, execution_id, status, length) if has_ended else None
        custom = self._database.row(_CUSTOM_STATUS, (key,))
        scopes = (instance_id,) if root is None else tuple(self._lineage.ids(key))
        return InstanceRecord(
            instance_id=instance_id,
            execution_id=execution_id,
            name=started.name,
            version=started.version,
            status=STATUSES[status],
            custom_status=None if custom is None else custom_status_of(key, custom[0]),
            input=started.input,
            output=last.result if isinstance(last, ExecutionCompleted) else None,
            failure=last.failure if isinstance(last, ExecutionFailed) else None,
            created_at=moment(row[6]),
            updated_at=moment(row[7]),
            completed_at=None if row[8] is None else moment(row[8]),
            parent_id=started.parent_id,
            tags=started.tags,
            history_length=length,
            idle=bool(row[9]),
            blocked=row[10],
            activities=() if has_ended else tuple(self._activities(serial, scopes)),
            queue=started.queue,
            suspended=self._suspended(key) if status == queries.SUSPENDED else None,
            offered=has_ended or self._offers.takes_orchestrator(definition, scopes),
            reason=None if last is None else reason_of(last),
            start_at=self._start_at(status, ready_at),
        )

    def _start_at(self, status: int, ready_at: int | None) -> datetime | None:
        """Not before, while that is to come. Whatever else makes one ready does so at once."""
        if status != queries.PENDING or ready_at is None:
            return None
        start_at = moment(ready_at)
        return start_at if start_at > self._clock.now() else None

    def _suspended(self, key: int) -> str:
        """Why."""
        row = self._database.row(queries.SUSPENSION, (key,))
        if row is None:
            raise DamageError("it is not told why it is suspended", "table suspensions")
        check_suspension(key, row)
        return str(row[3])

    def _last_event(self, key: int, execution_id: str, status: int, length: int) -> HistoryEvent:
        row = self._database.row(queries.LAST_CHUNK, (key,))
        events = () if row is None else events_of(execution_id, *row)
        if row is None or row[0] + len(events) != length:
            raise DamageError("the end of its history is missing", "table history")
        last = events[-1]
        ends = (ExecutionCompleted, ExecutionFailed, ExecutionCancelled, ExecutionTerminated)
        if not isinstance(last, ends) or number_of(status_after(last)) != status:
            raise DamageError("its status is not that of its history", "table instances")
        return last

    def _activities(self, serial: int, scopes: Sequence[str]) -> Iterator[ActivityRecord]:
        rows = self._database.rows(queries.ACTIVITIES_OF, activity_range(serial))
        offered: dict[int, bool] = {}  # by queue: there may be hundreds in one
        for activity, lane, due_at, attempt, cancelling, data, checksum, failure, queue in rows:
            if cancelling == HAS_ENDED:  # it was another execution's
                continue
            running = lane > 0
            if queue not in offered:
                offered[queue] = self._offers.takes_activity(queue, scopes)
            yield ActivityRecord(
                number=activity_number(activity),
                name=activity_of(activity, data, checksum).name,
                attempt=attempt,
                running=running,
                due_at=None if running or due_at is None else moment(due_at),
                last_failure=failure_of(activity, failure),
                offered=offered[queue],
            )

    def _broken_record(self, row: Row, why: str) -> InstanceRecord:
        _, instance_id, execution_id, definition, _, length = row[:6]
        name, version, queue = self._names.definition_of(definition) or ("?", None, DEFAULT_QUEUE)
        return InstanceRecord(
            instance_id=instance_id,
            execution_id=execution_id,
            name=name,
            version=version,
            status=RuntimeStatus.BLOCKED,
            custom_status=None,
            input=UNREADABLE_INPUT,
            output=None,
            failure=None,
            created_at=moment(row[6]),
            updated_at=moment(row[7]),
            completed_at=None if row[8] is None else moment(row[8]),
            parent_id=None,
            tags={},
            history_length=length,
            idle=False,
            blocked=why,
            queue=queue,
        )

    def _what_is_wrong(self, instance_id: str, error: Exception) -> str:
        match error:
            case DamageError(place=place, why=why):
                return refusals.damaged(instance_id, f"{self._database.path}, {place}", why)
            case StoreError():
                return str(error)
            case _:
                return refusals.damaged(instance_id, self._database.path, str(error))


_BRANCH: Final = "definition = ? AND status = ?"


def _all(*conditions: str) -> str:
    return " AND ".join(conditions)


def _conditions(query: InstanceQuery, after: Position | None) -> tuple[list[str], list[object]]:
    """All but name and status, which name a branch of the index."""
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, *its: object) -> None:
        conditions.append(condition)
        values.extend(its)

    if query.created_after is not None:
        add("created_at > ?", microseconds(query.created_after))
    if query.created_before is not None:
        add("created_at < ?", microseconds(query.created_before))
    if query.completed_before is not None:
        add("completed_at < ?", microseconds(query.completed_before))
    if query.parent_id is not None:
        add("parent_id = ?", query.parent_id)
    if after is not None:
        add("(created_at, id) < (?, ?)", after.created, after.number)
    if query.id_prefix:
        add("substr(instance_id, 1, ?) = ?", len(query.id_prefix), query.id_prefix)
    for key, value in query.tags.items():
        add(
            "EXISTS (SELECT 1 FROM tags WHERE key = ? AND value = ? AND instance = instances.id)",
            key,
            value,
        )
    return conditions, values
