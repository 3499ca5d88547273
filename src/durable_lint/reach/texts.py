"""A text that takes the place of another, with what is known of those parts that stayed alike.

Invariant: what is kept is true of the new text; where that is not sure, everything is outdated.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

from durable_lint.reach.classes import says_nothing
from durable_lint.reach.effects import Effects, OutdatedError, has_places, taken_by
from durable_lint.reach.facts import Key
from durable_lint.reach.roots import functions_of
from durable_lint.reach.scopes import (
    Assigned,
    ClassScope,
    Function,
    Import,
    ImportFrom,
    Module,
    collect,
)
from durable_lint.reach.splice import Spliced, spliced
from durable_lint.reach.values import External, Marker
from durable_lint.source import Source, SourceError

__all__ = ["Texts"]

Bindings = Import | ImportFrom | Assigned | Function | ClassScope
_WORD = re.compile(r"\w+")


class Texts(Effects):
    """An analysis whose files may be other ones than they were."""

    def _taken_over(self, path: str) -> set[Key] | None:
        """Go over to a changed text; the keys whose facts that makes stale, None when none are."""
        module = self._modules.get(path)
        if module is None:
            if path in self._modules:  # what could not be read before may be read now
                raise OutdatedError
            return None
        try:
            source = self.sources(path)
            tree = source.tree
        except SourceError:
            raise OutdatedError from None
        if source is module.source:
            return None
        if (
            path in self._idle_modules
            or self._dialect_of(source.data) != self.dialect_of(module)
            or self._names_hold_places(module)
        ):
            raise OutdatedError
        return self._put_in(module, source, tree)

    def _put_in(self, module: Module, source: Source, tree: ast.Module) -> set[Key]:
        known = self._keys_in.get(module.path, set())
        ends = {key: getattr(key.function.node, "end_lineno", None) for key in known}
        shapes = _shapes(module)
        change = spliced(module.tree, tree, module.source.lines, source.lines)
        if change is None:
            raise OutdatedError
        module.source = source
        for function in (*(key.function for key in known), *functions_of(module)):
            function._scan = None  # its node says something else now
        for scope in _classes_of(module.bindings):
            self._build_again(scope)
        names = self._rebind(module, change) if change.added or change.removed else set()
        if any(shapes.get(function, shape) != shape for function, shape in _shapes(module).items()):
            raise OutdatedError
        stale = {key for key, end in ends.items() if end is None or end >= change.line}
        if names:
            stale |= known | self._consultants.get(module.path, set())
        return stale

    def _names_hold_places(self, module: Module) -> bool:
        """Whether what names of a module hold says where it was made: that may be elsewhere now."""
        return any(has_places(value) for value in module.values.values()) or any(
            has_places(held[1])
            for scope in _classes_of(module.bindings)
            for name, held in scope.memo.items()
            if name.startswith("binding ") and isinstance(held, tuple)
        )

    def _build_again(self, scope: ClassScope) -> None:
        """What stands for the fields of a data class was copied from the text before."""
        made = scope.memo.pop("construction", None)
        if not isinstance(made, dict):
            return
        again = self.field_calls(scope)
        if again.keys() != made.keys():
            raise OutdatedError
        for name, function in made.items():
            function.node, function._scan = again[name].node, None
        scope.memo["construction"] = made

    def _rebind(self, module: Module, change: Spliced) -> set[str]:
        """Imports and functions came or went: bind names, and say which mean something else."""
        bindings: dict[str, list[Bindings]] = {}
        stars: list[ImportFrom] = []
        collect(module.tree.body, bindings, stars, module, None, None)
        kept = {
            id(entry.node): entry
            for entries in module.bindings.values()
            for entry in entries
            if isinstance(entry, Function | ClassScope)
        }
        for entries in bindings.values():
            for place, entry in enumerate(entries):
                if isinstance(entry, Function | ClassScope):
                    entries[place] = kept.get(id(entry.node), entry)
        if [_spelt(star) for star in stars] != [_spelt(star) for star in module.stars]:
            raise OutdatedError
        names = {
            name
            for name in bindings.keys() | module.bindings.keys()
            if list(map(_spelt, bindings.get(name, ())))
            != list(map(_spelt, module.bindings.get(name, ())))
        }
        if names:
            self._check_names(module, names, change)
        self._renamed = self._renamed or not names.isdisjoint(module.bindings)
        module.bindings = bindings
        self._taken[module.path] = taken_by(module)
        for name in names:
            module.values.pop(name, None)
            module.origins.pop(name, None)
            self._states.pop((module.path, name), None)
        self._bind_now(module, names)
        return names

    def _check_names(self, module: Module, names: set[str], change: Spliced) -> None:
        """Nobody but the functions of a file may know the names that came and went in it."""
        used = {word for node in module.tree.body for word in _outer_words(node)}
        if not names.isdisjoint(used):
            raise OutdatedError
        self._check_known(module, names, {module.path})
        if any(type(each) is Assigned for name in names for each in module.bindings.get(name, ())):
            self._check_derived(module)
        for name in names:
            for binding in module.bindings.get(name, ()):
                self._check_removed(module, binding)

    def _check_known(self, module: Module, names: set[str], seen: set[str]) -> None:
        """No other file takes these names from a file, be it through others."""
        for other in self._modules.values():
            if other is None or other is module:
                continue
            taken = self._taken[other.path]
            wanted = [binding for name in names for binding in taken.get(name, ())]
            if any(self._file_of(other, each) == module.path for each in wanted):
                raise OutdatedError
            if other.path not in seen and any(
                self._file_of(other, star) == module.path for star in other.stars
            ):
                # It has them too, and might have looked for them in vain.
                if any(name.encode() in other.source.data for name in names):
                    raise OutdatedError
                seen.add(other.path)
                self._check_known(other, names, seen)

    def _check_derived(self, module: Module) -> None:
        """A constant that is another one may have gone into what names elsewhere hold."""
        for other in self._modules.values():
            if other is not None and other is not module:
                for name, origins in other.origins.items():
                    if module.path in origins and any(
                        type(each) is Assigned for each in other.bindings.get(name, ())
                    ):
                        raise OutdatedError

    def _check_removed(self, module: Module, binding: Bindings) -> None:
        match binding:
            case Import() | ImportFrom():
                if self._is_of_project(module, binding):
                    raise OutdatedError
            case Function() if binding.decorators:
                for decorator in binding.decorators:
                    value = self.evaluate_quietly(decorator, module)
                    if not isinstance(value, External | Marker):
                        raise OutdatedError
            case _:
                pass
        if any(key.function is binding for key in self._outside):
            raise OutdatedError

    def _file_of(self, module: Module, binding: ImportFrom) -> str | None:
        """The file that `from` names."""
        if binding.level:
            return self.finder.resolve_relative(module.path, binding.level, binding.dotted)
        return self.finder.find(module.path, binding.dotted)

    def _is_of_project(self, module: Module, binding: Import | ImportFrom) -> bool:
        """Whether an import may have looked into a file of the project."""
        if isinstance(binding, ImportFrom) and binding.level:
            return True
        top = binding.dotted.partition(".")[0]
        return top not in sys.stdlib_module_names and (
            self.finder.find(module.path, binding.dotted) is not None
            or self.finder.find(module.path, top) is not None
            or self.finder.is_namespace(module.path, top)
        )

    def _bind_now(self, module: Module, names: set[str]) -> None:
        """Do what importing does with these names."""
        for name in names:
            for binding in module.bindings.get(name, ()):
                if isinstance(binding, Import | ImportFrom):
                    self.imported(module, binding)
                elif isinstance(binding, Function) and binding.decorators:
                    self._bound(module, name)


def _classes_of(bindings: Mapping[str, Sequence[Bindings]]) -> Iterator[ClassScope]:
    for entries in bindings.values():
        for entry in entries:
            if type(entry) is ClassScope:
                yield entry
                yield from _classes_of(entry.bindings)


def _shapes(module: Module) -> dict[Function, tuple[bool, bool]]:
    """What is told of functions from their bodies without reading them."""
    return {
        function: (function.scan.is_generator, says_nothing(function))
        for function in functions_of(module)
    }


def _spelt(binding: Bindings) -> tuple[object, ...]:
    """What makes two bindings the same."""
    match binding:
        case Import(dotted=dotted):
            return "import", dotted
        case ImportFrom(dotted=dotted, level=level, name=name):
            return "from", dotted, level, name
        case Assigned(node=node, path=path):
            return "assigned", id(node), path
        case _:
            return "made", id(binding.node)


def _outer_words(node: ast.stmt) -> Iterator[str]:
    """The names that are looked up when a module is imported: all but those in bodies."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*node.decorator_list, node.args]
        for part in [*parts, node.returns] if node.returns else parts:
            yield from _words(part)
    elif isinstance(node, ast.ClassDef):
        for head in (*node.decorator_list, *node.bases, *node.keywords):
            yield from _words(head)
        for statement in node.body:
            yield from _outer_words(statement)
    else:
        yield from _words(node)


def _words(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from _WORD.findall(part.value)  # an annotation in quotes
