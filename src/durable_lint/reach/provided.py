"""What one file holds for the roots of a project. Invariant: it hangs on no other file's roots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from durable_lint.model import Finding
from durable_lint.reach.facts import Key
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.roots import Roots, functions_of, receiver_of
from durable_lint.reach.scopes import Function, Module
from durable_lint.reach.values import Definition

__all__ = ["ModuleRoots", "Provided", "SameNames"]


class Provided(NamedTuple):
    """What one file holds for the roots. defined: names of definitions. named: orchestrators with
    what makes two of them the same.
    """

    module: Module
    keys: dict[Key, str]
    findings: list[Finding]
    defined: set[str]
    named: list[tuple[Function, Definition]]


class ModuleRoots(Roots):
    """The roots of one file. Whether two files give one name is not told from one of them."""

    def __init__(self, analysis: Knowledge) -> None:
        super().__init__(analysis)
        self.named: list[tuple[Function, Definition]] = []

    def of(self, module: Module) -> Provided:
        self._module(module)
        return Provided(module, dict(self._keys), self._findings, self._defined, self.named)

    def _same_name(self, function: Function, made: Definition) -> None:
        self.named.append((function, made))


class SameNames(Roots):
    """Judges which names are given twice."""

    def judged(self, named: Iterable[tuple[Function, Definition]]) -> list[Finding]:
        for function, made in named:
            self._same_name(function, made)
        return self._findings

    def looked_at(self, module: Module, defined: frozenset[str]) -> list[Key]:
        """The functions of a file that name one of these."""
        self._defined = set(defined)
        return [
            Key(function, receiver_of(function), ())
            for function in functions_of(module)
            if self._may_drop(function)
        ]
