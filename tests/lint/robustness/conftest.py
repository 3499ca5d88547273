"""Analyses whatever it is given as if orchestrators reached every function in it."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import attrs
import pytest

from durable_lint.discover.modules import Modules
from durable_lint.reach import analysis as reach
from durable_lint.reach import roots
from durable_lint.reach.analysis import Analysis, Result
from durable_lint.reach.expressions import Expressions
from durable_lint.reach.facts import Key
from durable_lint.reach.knowledge import Options
from durable_lint.reach.project import DEFECT
from durable_lint.reach.scopes import ClassScope, Function, Module
from durable_lint.reach.values import Object, Value
from durable_lint.rules import judge as judgement
from durable_lint.source import Source
from durable_lint.vocabulary import Vocabulary

FindRoots = Callable[[roots.Roots, list[str]], roots.RootSet]


class Outcome(NamedTuple):
    """work: expressions that were evaluated, counted as often as they were."""

    result: Result
    work: int

    @property
    def defects(self) -> list[str]:
        """What only a mistake of ours can have caused."""
        return [str(error) for error in self.result.errors if DEFECT in str(error)]


def _functions(analysis: Analysis, module: Module) -> Iterator[Key]:
    def of_bindings(bindings: Mapping[str, list[object]]) -> Iterator[Key]:
        for entries in bindings.values():
            for entry in entries:
                if isinstance(entry, Function):
                    yield from of_function(entry)
                elif isinstance(entry, ClassScope):
                    yield from analysis.construction(entry)
                    yield from of_bindings(entry.bindings)  # type: ignore[arg-type]

    def of_function(function: Function) -> Iterator[Key]:
        receiver = None if function.cls is None else Object(function.cls, exact=False)
        yield Key(function, receiver, ())
        for node in function.scan.functions:
            yield from of_function(analysis.nested(node, function.module, function))

    yield from of_bindings(module.bindings)  # type: ignore[arg-type]


class _Everything(roots.Roots):
    """Every function is a root."""

    def find(self, candidates: object) -> roots.RootSet:
        found = super().find(candidates)  # type: ignore[arg-type]
        keys = dict(found.keys)
        for path in candidates:  # type: ignore[attr-defined]
            module = self._analysis.load(path)
            if module is not None:
                for key in _functions(self._analysis, module):
                    keys.setdefault(key, self._analysis.dialect_of(module))
        return attrs.evolve(found, keys=keys)


@pytest.fixture(scope="session")
def reach_all() -> Callable[..., Outcome]:
    """Analyses files given by their names and contents, every function of theirs reached."""
    vocabulary = Vocabulary.standard()
    judge = judgement()
    evaluate = Expressions.evaluate
    work = 0

    def counted(self: Expressions, node: ast.expr) -> Value:
        nonlocal work
        work += 1
        return evaluate(self, node)

    def reach_all(files: Mapping[str, bytes], dialects: tuple[str, ...] = ()) -> Outcome:
        nonlocal work
        work = 0
        data = {f"/project/{name}": content for name, content in files.items()}
        sources = {path: Source(path, content) for path, content in data.items()}
        analysis = Analysis(
            Modules(data, root="/project"),
            sources.__getitem__,
            vocabulary,
            Options(dialects=dialects),
            judge,
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reach, "Roots", _Everything)
            patch.setattr(Expressions, "evaluate", counted)
            return Outcome(analysis.run(list(data)), work)

    return reach_all
