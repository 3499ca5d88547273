"""Importing a module runs it; what that does to modules that are looked into is done, no more.

Who imports whom is told from the bytes of files. A file is read in earnest only when running it may
add to a table, or call something, in a module that reached code looks into: a plugin that registers
itself. All others are only ever named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from durable_lint.discover.modules import Modules
from durable_lint.discover.prefilter import imports_in, is_of_others, names_of

Statements = Callable[[str], Iterable[tuple[str, str]]]
"""Gives the import statements of a file, as in a glance."""

__all__ = ["Imported", "Statements"]

# A decorator, a call, or an assignment to an item or attribute, at the top level of a module or in
# a block of it; a class with bases may be made known by one of them.
_EFFECTS: Final = re.compile(
    rb"^(?:@(?!dataclass|dataclasses\.|attrs?\.|define\b|frozen\b|property\b|overload\b|typing\."
    rb"|functools\.|contextlib\.|contextmanager|asynccontextmanager|final\b|pytest\.)"
    rb"|[A-Za-z_][\w.]*\(|[A-Za-z_][\w.]*\[[^\n]*\][ \t]*[|+]?="
    rb"|[A-Za-z_]\w*(?:\.\w+)+[ \t]*[|+]?=[^=]"
    rb"|(?:for|if|try|with)\b)",
    re.MULTILINE,
)
_BASES: Final = re.compile(rb"^class[ \t]+\w+\(", re.MULTILINE)


class Imported:
    """The files that are imported, by whom, and whether running them does anything.

    statements: what is known of files already; None reads them.
    """

    def __init__(
        self,
        finder: Modules,
        data: Callable[[str], bytes],
        statements: Statements | None = None,
    ) -> None:
        self._finder = finder
        self._own = finder.names()
        self._data = data
        self._statements = statements or (lambda path: imports_in(data(path)))
        self._importers: dict[str, set[str]] = {}
        # Of the files that were followed: what they import; some may be known from before.
        self.targets: dict[str, Collection[str]] = {}
        self.known: Mapping[str, Collection[str]] = {}
        # Whether running a file does something, and whether it derives classes.
        self.acts: dict[str, tuple[bool, bool]] = {}

    def follow(self, path: str) -> None:
        """A file is imported: so is what it imports."""
        todo = [path]
        while todo:
            importer = todo.pop()
            if importer in self.targets:
                continue
            targets = self.known.get(importer)
            if targets is None:
                targets = self.imported_by(importer, self._statements(importer))
            self.targets[importer] = targets
            for target in targets:
                self._importers.setdefault(target, set()).add(importer)
                todo.append(target)

    def forget(self, path: str) -> None:
        """A file is another one now."""
        self.targets.pop(path, None)
        self.acts.pop(path, None)
        for importers in self._importers.values():
            importers.discard(path)

    def is_another(self, path: str) -> bool:
        """Whether a file that was followed imports others now, or does something else when run."""
        before = self.targets.get(path)
        if before is None:
            return False
        acts = self.acts.get(path)
        return self.imported_by(path, self._statements(path)) != before or (
            acts is not None and acts != self.acting(path)
        )

    def acting_on(self, path: str, *, classes: bool) -> list[str]:
        """The files that import one, directly or not, and do something when they are run.

        classes: deriving a class is doing something, too.
        """
        seen: set[str] = set()
        todo = [path]
        while todo:
            for importer in self._importers.get(todo.pop(), ()):
                if importer not in seen:
                    seen.add(importer)
                    todo.append(importer)
        return sorted(path for path in seen if self._acts(path, classes=classes))

    def _acts(self, path: str, *, classes: bool) -> bool:
        known = self.acts.get(path)
        if known is None:
            known = self.acts[path] = self.acting(path)
        return known[0] or (classes and known[1])

    def acting(self, path: str) -> tuple[bool, bool]:
        data = self._data(path)
        return _EFFECTS.search(data) is not None, _BASES.search(data) is not None

    def imported_by(self, importer: str, statements: Iterable[tuple[str, str]]) -> frozenset[str]:
        """The files that these import statements of a file mean."""
        found = {
            target
            for origin, names in statements
            if not is_of_others(origin, names, self._own)
            for target in self._of_statement(importer, origin, names)
        }
        return frozenset(found - {importer})

    def _of_statement(self, importer: str, origin: str, names: str) -> Iterator[str]:
        listed = [name for name, _ in names_of(names)]
        if not origin:
            for dotted in listed:
                yield from self._with_packages(importer, dotted)
            return
        bare = origin.lstrip(".")
        level = len(origin) - len(bare)
        if level:
            found = self._finder.resolve_relative(importer, level, bare)
            if found is None:
                for name in listed:
                    dotted = f"{bare}.{name}" if bare else name
                    module = self._finder.resolve_relative(importer, level, dotted)
                    if module is not None:
                        yield module
                return
        else:
            yield from self._with_packages(importer, bare)
            found = self._finder.find(importer, bare)
        for name in listed:
            module = None
            if found is not None:
                module = self._finder.submodule(found, name)
            elif not level:
                module = self._finder.find(importer, f"{bare}.{name}")
            if module is not None:
                yield module
        if found is not None:
            yield found

    def _with_packages(self, importer: str, dotted: str) -> Iterator[str]:
        """A module and the packages that it is in: importing it runs them all."""
        parts = dotted.split(".")
        for length in range(1, len(parts) + 1):
            found = self._finder.find(importer, ".".join(parts[:length]))
            if found is not None:
                yield found
