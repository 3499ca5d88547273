"""Numbers for names.

Invariant: a name has one number for as long as the file exists, so that rows and indexes hold
small numbers instead of names.
"""

from __future__ import annotations

from durable_async.engines.sqlite.database import Database

__all__ = ["Names"]

Definition = tuple[str, str | None]
Queue = tuple[str, str]


class Names:
    """Those of one namespace. Asking for a new one writes it: inside a transaction only."""

    def __init__(self, database: Database, namespace: str) -> None:
        self._database = database
        self._namespace = namespace
        self.namespace = 0
        self._definitions: dict[Definition, int] = {}
        self._by_number: dict[int, Definition] = {}
        self._queues: dict[Queue, int] = {}

    def open(self) -> None:
        """Find the number of the namespace."""
        self.namespace = self._number(
            "SELECT id FROM namespaces WHERE name = ?",
            "INSERT INTO namespaces (name) VALUES (?)",
            (self._namespace,),
        )

    def definition(self, name: str, version: str | None) -> int:
        known = self._definitions.get((name, version))
        if known is None:
            known = self._number(
                "SELECT id FROM definitions WHERE namespace = ? AND name = ? AND version IS ?",
                "INSERT INTO definitions (namespace, name, version) VALUES (?, ?, ?)",
                (self.namespace, name, version),
            )
            self._definitions[name, version] = known
        return known

    def definition_of(self, number: int) -> Definition | None:
        """None if the number is none of this namespace: its row is damaged."""
        known = self._by_number.get(number)
        if known is None:
            row = self._database.row(
                "SELECT name, version FROM definitions WHERE id = ? AND namespace = ?",
                (number, self.namespace),
            )
            if row is None:
                return None
            known = self._by_number[number] = (row[0], row[1])
        return known

    def definitions(self, name: str | None) -> list[int]:
        """All versions of a name; of every name if it is None."""
        rows = self._database.rows(
            "SELECT id FROM definitions WHERE namespace = ? AND name = ifnull(?, name)",
            (self.namespace, name),
        )
        return [row[0] for row in rows]

    def queue(self, queue: str, activity: str) -> int:
        known = self._queues.get((queue, activity))
        if known is None:
            known = self._number(
                "SELECT id FROM queues WHERE namespace = ? AND queue = ? AND activity = ?",
                "INSERT INTO queues (namespace, queue, activity) VALUES (?, ?, ?)",
                (self.namespace, queue, activity),
            )
            self._queues[queue, activity] = known
        return known

    def forget(self) -> None:
        """A transaction was rolled back, and new numbers with it."""
        self._definitions.clear()
        self._by_number.clear()
        self._queues.clear()

    def _number(self, select: str, insert: str, key: tuple[object, ...]) -> int:
        row = self._database.row(select, key)
        if row is not None:
            return int(row[0])
        number = self._database.execute(insert, key).lastrowid
        assert number is not None
        return number
