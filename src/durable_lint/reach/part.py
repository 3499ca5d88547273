"""An analysis of a part of a project: the rest is there by name, and read when somebody looks.

Invariant: which of the other files were looked into is known afterwards; when none was, the others
cannot have made a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from durable_lint.discover.modules import Modules
from durable_lint.reach.analysis import ROUNDS, Analysis
from durable_lint.reach.depth import deep
from durable_lint.reach.knowledge import Judge, Options
from durable_lint.reach.scopes import Module
from durable_lint.source import Source
from durable_lint.vocabulary import Vocabulary

__all__ = ["Part"]


class _Unread(Module):
    """A file that nobody has looked into yet; who does so makes it be read."""

    __slots__ = ("_read",)

    def __init__(self, path: str, dotted: str, read: Callable[[_Unread], None]) -> None:
        self.path = path
        self.dotted = dotted
        self._read: Callable[[_Unread], None] | None = read

    def __getattr__(self, name: str) -> Any:
        # Only what is not set comes here.
        read = self._read
        if read is None or name not in Module.__slots__:
            raise AttributeError(name)
        self._read = None
        read(self)
        return getattr(self, name)

    def fill(self, source: Source) -> None:
        super().__init__(self.path, self.dotted, source)

    @property
    def is_read(self) -> bool:
        return self._read is None


class Part(Analysis):
    """Analyses some files; those that are known not to make a difference are left unread."""

    def __init__(
        self,
        modules: Modules,
        sources: Callable[[str], Source],
        vocabulary: Vocabulary,
        options: Options,
        judge: Judge,
        *,
        unread: Collection[str],
        defined_elsewhere: frozenset[str],
    ) -> None:
        super().__init__(modules, sources, vocabulary, options, judge)
        self.unread = unread
        self.defined_elsewhere = defined_elsewhere

    def load(self, path: str) -> Module | None:
        if path in self._modules or path not in self.unread:
            return super().load(path)
        module = self._modules[path] = _Unread(path, self.finder.name(path), self._read)
        return module

    def _read(self, module: _Unread) -> None:
        module.fill(self.sources(module.path))
        self._note_subclasses(module)
        self._fresh.append(module)

    @property
    def read(self) -> set[str]:
        """The files that were looked into or could not be."""
        return {
            path
            for path, module in self._modules.items()
            if not isinstance(module, _Unread) or module.is_read
        }

    def look_into(self, paths: Iterable[str]) -> None:
        """Do what importing these files does, after all else: whom do they look into?"""
        with deep():
            for path in paths:
                self.load(path)
            for _ in range(ROUNDS):
                fresh = self._import_fresh()
                if not self._again() and not fresh:
                    break
            else:
                self.thorough = False
            self.claim_states()
