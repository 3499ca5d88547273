"""Importing a module runs it; what that does to modules that are looked into is done, no more.

Who imports whom is told from the bytes of files. A file is read in earnest only when running it may
add to a table, or call something, in a module that reached code looks into: a plugin that registers
itself. All others are only ever named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from durable_lint.discover.modules import Modules
from durable_lint.discover.prefilter import imports_in

__all__ = ["Imported"]

# A decorator, a call, or an assignment to an item or attribute, at the top level of a module or in
# a block of it; a class with bases may be made known by one of them.
_EFFECTS: Final = re.compile(
    rb"^(?:@(?!dataclass|dataclasses\.|attrs?\.|define\b|frozen\b|property\b|overload\b|typing\."
    rb"|functools\.|contextlib\.|contextmanager|asynccontextmanager|final\b|pytest\.)"
    rb"|[A-Za-z_][\w.]*\(|[A-Za-z_][\w.]*\[[^\n]*\][ \t]*[|+]?=|[A-Za-z_]\w*(?:\.\w+)+[ \t]*[|+]?=[^=]"
    rb"|(?:for|if|try|with)\b)",
    re.MULTILINE,
)
_BASES: Final = re.compile(rb"^class[ \t]+\w+\(", re.MULTILINE)


class Imported:
    """The files that are imported, by whom, and whether running them does anything."""

    def __init__(
        self,
        finder: Modules,
        data: Callable[[str], bytes],
        note: Callable[[str, str], None],
    ) -> None:
        self._finder = finder
        self._data = data
        self._note = note
        self._importers: dict[str, set[str]] = {}
        self._followed: set[str] = set()

    def follow(self, path: str) -> None:
        """A file is imported: so is what it imports."""
        todo = [path]
        while todo:
            importer = todo.pop()
            if importer in self._followed:
                continue
            self._followed.add(importer)
            for target in self._targets(importer):
                if target != importer:
                    self._note(importer, target)
                    self._importers.setdefault(target, set()).add(importer)
                    todo.append(target)

    def forget(self, path: str) -> None:
        """A file is another one now."""
        self._followed.discard(path)
        for importers in self._importers.values():
            importers.discard(path)

    def acting_on(self, paths: Iterable[str], *, classes: bool) -> list[str]:
        """The files that import one of these, directly or not, and do something when they are run.

        classes: deriving a class is doing something, too.
        """
        seen: set[str] = set()
        todo = list(paths)
        while todo:
            for importer in self._importers.get(todo.pop(), ()):
                if importer not in seen:
                    seen.add(importer)
                    todo.append(importer)
        return sorted(path for path in seen if self._acts(path, classes=classes))

    def _acts(self, path: str, *, classes: bool) -> bool:
        data = self._data(path)
        return _EFFECTS.search(data) is not None or (classes and _BASES.search(data) is not None)

    def _targets(self, importer: str) -> Iterator[str]:
        for origin, names in imports_in(self._data(importer)):
            yield from self._of_statement(importer, origin, names)

    def _of_statement(self, importer: str, origin: str, names: str) -> Iterator[str]:
        listed = [name.partition(" as ")[0].strip() for name in names.split(",")]
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
