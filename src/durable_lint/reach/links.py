"""Which files had to do with each other while they were analysed.

Invariant: nothing of a file flows to one that is in another group. What a file learns of another
begins with a look at a name of it - whoever holds a function, a class or a state of a file has that
from such a look, or from somebody who looked - so two files are linked when one looks. That a file
is imported is no link as long as nobody looks into it; who imports which is kept beside.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Links"]


class Links:
    """Groups of files, by path."""

    __slots__ = ("_above", "claims", "defined", "loads", "names_of", "tables")

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        # State -> a file that has, reads or changes one of this name: names of modules may be
        # given twice, and then states are taken for one.
        self.claims: dict[str, str] = {}
        # File -> the files that are looked into, or run, because of it.
        self.loads: dict[str, set[str]] = {}
        # File -> the names of the orchestrators and activities that it defines.
        self.defined: dict[str, set[str]] = {}
        # Files whose tables are read: who adds to them when it is imported is looked into.
        self.tables: set[str] = set()
        # Package -> its files with orchestrators, of which no two may have one name.
        self.names_of: dict[str, set[str]] = {}

    def load(self, importer: str, path: str) -> None:
        """A file leads to another."""
        known = self.loads.get(importer)
        if known is None:
            self.loads[importer] = {path}
        else:
            known.add(path)

    def claim(self, state: str, path: str) -> None:
        """A file has to do with a state."""
        known = self.claims.setdefault(state, path)
        if known is not path:
            self.join(known, path)

    def join(self, one: str, other: str) -> None:
        """A file looks into another."""
        if one is other:
            return
        first, second = self.group(one), self.group(other)
        if first != second:
            self._above[second] = first

    def join_all(self, paths: Iterable[str]) -> None:
        first: str | None = None
        for path in paths:
            if first is None:
                first = path
            else:
                self.join(first, path)

    def group(self, path: str) -> str:
        """The file that stands for all of the group that a file is in."""
        above = self._above
        while (parent := above.get(path)) is not None:
            grandparent = above.get(parent)
            if grandparent is None:
                return parent
            above[path] = grandparent
            path = grandparent
        return path

    def joined(self) -> Iterable[tuple[str, str]]:
        """Pairs that, joined, give the groups."""
        return self._above.items()
