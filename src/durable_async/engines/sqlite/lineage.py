"""Who descends from whom.

Invariant: an ancestor is found by the id that the child names as its parent's, whichever execution
that has come to; where one is gone, the line ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database
from durable_async.engines.sqlite.names import Names

__all__ = ["Lineage"]


class Lineage:
    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    def ids(self, key: int) -> Iterator[str]:
        """That of the instance itself, then those of its ancestors, upwards."""
        row = self._database.row(queries.LINE, (key,))
        while row is not None:
            instance_id, parent_id = row
            yield str(instance_id)
            if parent_id is None:
                return
            row = self._database.row(queries.LINE_OF, (self._names.namespace, parent_id))

    def is_among(self, key: int, instance_ids: frozenset[str]) -> bool:
        """Whether it, or an ancestor, is one of these."""
        return any(each in instance_ids for each in self.ids(key))

    def roots(self, instance_ids: Iterable[str]) -> set[int]:
        """Keys of the topmost ancestors of these, or of themselves."""
        namespace = self._names.namespace
        rows = [self._database.row(queries.ROOT, (namespace, each)) for each in instance_ids]
        return {row[0] for row in rows if row is not None}
