"""Reading entities, for people and their clients.

Invariant: whoever reads changes nothing, and sees what is committed.
"""

from __future__ import annotations

from typing import Final

from durable_async.engines.clock import moment
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database, Row, after_prefix, sql
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.offers import Offers
from durable_async.engines.sqlite.rows import state_of
from durable_async.model.identity import Caller, EntityId
from durable_async.model.work import EntityPage, EntityQuery, EntityRecord

__all__ = ["EntityListing"]

_COLUMNS: Final = "SELECT id, type, key, state, updated_at, locked_by FROM entities"

_ENTITY: Final = sql(
    _COLUMNS,
    "WHERE type = (SELECT id FROM entity_types WHERE namespace = ? AND name = ?) AND key = ?",
)

_PAGE: Final = sql(
    _COLUMNS,
    "WHERE type = ? AND key >= ? AND key > ? AND state IS NOT NULL ORDER BY key LIMIT ?",
)

_PAGE_OF_PREFIX: Final = sql(
    _COLUMNS,
    "WHERE type = ? AND key >= ? AND key > ? AND key < ? AND state IS NOT NULL",
    "ORDER BY key LIMIT ?",
)

_HOLDER: Final = """
SELECT instance_id, execution_id, number
FROM locks JOIN instances ON instances.id = locks.instance WHERE locks.id = ?
"""


class EntityListing:
    """Reads the entities of one namespace. To be called within one read transaction.

    Raises: StoreError if one that is read is damaged.
    """

    def __init__(self, database: Database, names: Names, offers: Offers) -> None:
        self._database = database
        self._names = names
        self._offers = offers

    def entity(self, entity: EntityId) -> EntityRecord | None:
        row = self._database.row(_ENTITY, (self._names.namespace, entity.type, entity.key))
        return None if row is None else self._record(entity.type, row)

    def page(self, query: EntityQuery) -> EntityPage:
        wanted = query.limit + 1
        found: list[EntityRecord] = []
        for number, name in self._names.entity_types(query.type):
            if len(found) < wanted and (query.after is None or name >= query.after.type):
                rows = self._rows(query, number, name, wanted - len(found))
                found += [self._record(name, row) for row in rows]
        return EntityPage(tuple(found[: query.limit]), more=len(found) > query.limit)

    def _rows(self, query: EntityQuery, type_: int, name: str, limit: int) -> list[Row]:
        prefix = query.key_prefix or ""
        after = ""  # less than any key, as none is empty
        if query.after is not None and name == query.after.type:
            after = query.after.key
        following = after_prefix(prefix)
        if following is None:
            return self._database.rows(_PAGE, (type_, prefix, after, limit))
        values = (type_, prefix, after, following, limit)
        return self._database.rows(_PAGE_OF_PREFIX, values)

    def _record(self, type_: str, row: Row) -> EntityRecord:
        key, number, name, state, updated_at, locked_by = row
        queued = self._database.row(queries.COUNT_OPERATIONS, (key,))
        return EntityRecord(
            entity=EntityId(type_, name),
            state=state_of(key, state),
            updated_at=moment(updated_at),
            queued=0 if queued is None else queued[0],
            locked_by=None if locked_by is None else self._holder(locked_by),
            offered=self._offers.takes_entity(number),
        )

    def _holder(self, lock: int) -> Caller | None:
        row = self._database.row(_HOLDER, (lock,))
        return None if row is None else Caller(*row)
