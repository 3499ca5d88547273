"""Numbers for names.

Invariant: a name has one number for as long as the file exists, so that rows and indexes hold
small numbers instead of names.
"""

from __future__ import annotations

from durable_async.engines.sqlite.database import Database

__all__ = ["Definition", "Names"]

Definition = tuple[str, str | None, str]
"""Name and version of an orchestrator, and the queue in which its instances wait."""

Queue = tuple[str, str]


class Names:
    """Those of one namespace. Asking for a new one writes it: inside a transaction only.

    made: how many definitions were new, here or elsewhere, that a claim may want to know of.
    """

    def __init__(self, database: Database, namespace: str) -> None:
        self._database = database
        self._namespace = namespace
        self.namespace = 0
        self.made = 0
        self._definitions: dict[Definition, int] = {}
        self._by_number: dict[int, Definition] = {}
        self._queues: dict[Queue, int] = {}
        self._entity_types: dict[str, int] = {}

    def open(self) -> None:
        """Find the number of the namespace."""
        self.namespace = self._number(
            "SELECT id FROM namespaces WHERE name = ?",
            "INSERT INTO namespaces (name) VALUES (?)",
            (self._namespace,),
        )

    def definition(self, name: str, version: str | None, queue: str) -> int:
        known = self._definitions.get((name, version, queue))
        if known is None:
            key = (self.namespace, name, queue, version)
            known = self.find_definition(name, version, queue)
            if known is None:
                known = self._insert(
                    "INSERT INTO definitions (namespace, name, queue, version) VALUES (?, ?, ?, ?)",
                    key,
                )
                self.made += 1
            self._definitions[name, version, queue] = known
        return known

    def find_definition(self, name: str, version: str | None, queue: str) -> int | None:
        """None if it has no number yet; writes nothing."""
        known = self._definitions.get((name, version, queue))
        if known is not None:
            return known
        row = self._database.row(
            "SELECT id FROM definitions"
            " WHERE namespace = ? AND name = ? AND queue = ? AND version IS ?",
            (self.namespace, name, queue, version),
        )
        return None if row is None else int(row[0])

    def definition_of(self, number: int) -> Definition | None:
        """None if the number is none of this namespace: its row is damaged."""
        known = self._by_number.get(number)
        if known is None:
            row = self._database.row(
                "SELECT name, version, queue FROM definitions WHERE id = ? AND namespace = ?",
                (number, self.namespace),
            )
            if row is None:
                return None
            known = self._by_number[number] = (row[0], row[1], row[2])
        return known

    def definitions(self, name: str | None) -> list[tuple[int, str, str | None, str]]:
        """All (number, name, version, queue) of a name; of every name if it is None."""
        return self._database.rows(
            "SELECT id, name, version, queue FROM definitions"
            " WHERE namespace = ? AND name = ifnull(?, name)",
            (self.namespace, name),
        )

    def newest_definition(self) -> int:
        """The greatest number of all: as long as it stays, there are no new ones."""
        row = self._database.row("SELECT max(id) FROM definitions")
        return 0 if row is None or row[0] is None else int(row[0])

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

    def entity_type(self, name: str) -> int:
        known = self._entity_types.get(name)
        if known is None:
            known = self._number(
                "SELECT id FROM entity_types WHERE namespace = ? AND name = ?",
                "INSERT INTO entity_types (namespace, name) VALUES (?, ?)",
                (self.namespace, name),
            )
            self._entity_types[name] = known
        return known

    def entity_types(self, name: str | None) -> list[tuple[int, str]]:
        """(number, name) of those that there are, in the order of their names."""
        return self._database.rows(
            "SELECT id, name FROM entity_types"
            " WHERE namespace = ? AND name = ifnull(?, name) ORDER BY name",
            (self.namespace, name),
        )

    def forget(self) -> None:
        """A transaction was rolled back, and new numbers with it."""
        self._definitions.clear()
        self._by_number.clear()
        self._queues.clear()
        self._entity_types.clear()
        self.made += 1

    def _number(self, select: str, insert: str, key: tuple[object, ...]) -> int:
        row = self._database.row(select, key)
        return int(row[0]) if row is not None else self._insert(insert, key)

    def _insert(self, insert: str, key: tuple[object, ...]) -> int:
        number = self._database.execute(insert, key).lastrowid
        assert number is not None
        return number
