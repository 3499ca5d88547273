"""A scan says which names the body of one function binds and reads; it looks into no other file.

Invariant: a body is walked once, however often it is asked, and functions within it along with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["AnyFunction", "Scan", "children", "targets"]

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# Nodes with a scope of their own; nodes that bind names; nodes in which there are no names.
SCOPED: Final = frozenset({*FUNCTIONS, *COMPREHENSIONS, ast.Lambda, ast.ClassDef})
BINDING: Final = frozenset(
    {
        *(ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.ExceptHandler),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    }
)
# What a field may hold beside nodes stands here as well.
SILENT: Final[frozenset[type]] = frozenset(
    {ast.Constant, ast.MatchSingleton, ast.alias, str, int, bool, type(None)}
)
# No fields of these names hold nodes in which there are names.
NAMELESS: Final = frozenset(
    {"asname", "attr", "conversion", "ctx", "id", "kind", "level", "module", "op", "ops"}
    | {"simple", "type_comment"}
)


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes with names in them."""
    return tuple(field for field in kind._fields if field not in NAMELESS)


FIELDS: Final = {
    kind: _fields_of(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes within one. `ast.iter_child_nodes` says the same in three times the time."""
    found: list[ast.AST] = []
    for field in FIELDS[type(node)]:
        value = getattr(node, field, None)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


class Scan:
    """The names of one function's body: bound, read, declared; and whether it is a generator.

    loads: names read in the body and in functions within, attributes likewise. frees: read in here
    or within, not bound here.
    """

    __slots__ = (
        "_beyond",
        "attributes",
        "bound",
        "classes",
        "frees",
        "functions",
        "globals",
        "inner",
        "is_generator",
        "loads",
        "nonlocals",
        "parameters",
    )

    def __init__(self, node: AnyFunction) -> None:
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.loads: set[str] = set()
        self.frees: set[str] = set()
        self.attributes: set[str] = set()
        # Within the body of a class: what the classes in it read of what is outside of it.
        self._beyond: set[str] | None = None
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.inner: list[Scan] = []
        self.is_generator = False
        arguments = node.args
        self.parameters = [
            argument.arg
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        ]
        self.bound.update(self.parameters)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                self.bound.add(extra.arg)
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        self._walk(body)
        self.bound -= self.globals
        self.bound -= self.nonlocals
        self.frees = self.loads - self.bound

    def _walk(self, todo: list[Any]) -> None:
        pop, push, push_all = todo.pop, todo.append, todo.extend
        while todo:
            node = pop()
            kind = type(node)
            if kind is ast.Name:
                (self.loads if type(node.ctx) is ast.Load else self.bound).add(node.id)
                continue
            if kind in SILENT:
                continue
            if kind in SCOPED:
                self._scope(node)
                continue
            if kind is ast.Attribute:
                self.attributes.add(node.attr)
            elif kind in BINDING:
                self._bind(node)
            elif kind is ast.Yield or kind is ast.YieldFrom:
                self.is_generator = True
            # What `children` does: a call for each node would take as long as all the rest.
            for field in FIELDS[kind]:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    push_all(value)
                elif value is not None:
                    push(value)

    def _bind(self, node: ast.AST) -> None:
        """Names that are bound, or said to be others', without being expressions."""
        match node:
            case ast.Global(names):
                self.globals.update(names)
            case ast.Nonlocal(names):
                self.nonlocals.update(names)
            case ast.Import(aliases) | ast.ImportFrom(_, aliases):
                for alias in aliases:
                    self.bound.add(alias.asname or alias.name.partition(".")[0])
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                self.bound.add(name)
            case _:
                pass

    def _scope(self, node: ast.AST) -> None:
        """What has a scope of its own."""
        if isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            self._nested(node)
        else:
            self._comprehension(node)

    def _comprehension(self, node: ast.AST) -> None:
        """A comprehension has a scope of its own: what it iterates with is bound in it alone."""
        first = node.generators[0].iter  # type: ignore[attr-defined]
        self._walk([first])  # before there is the scope: `[c for c in c]` reads the outer `c`
        bound, loads = self.bound, self.loads
        self.bound, self.loads = set(), set()
        inside = [part for part in children(node) if type(part) is not ast.comprehension]
        for part in node.generators:  # type: ignore[attr-defined]
            inside.extend(child for child in children(part) if child is not first)
        self._walk(inside)
        own = {name for part in node.generators for name, _ in targets(part.target)}  # type: ignore[attr-defined]
        self.bound, self.loads = bound | (self.bound - own), loads | (self.loads - own)

    def _class(self, node: ast.ClassDef) -> None:
        """A class has a scope of its own, which its methods do not see."""
        self.bound.add(node.name)
        self._walk([*node.decorator_list, *node.bases, *node.keywords])
        bound, loads, methods = self.bound, self.loads, len(self.inner)
        outside = self._beyond
        self.bound, self.loads, self._beyond = set(), set(), set()
        self._walk(list(node.body))
        passed = (self.loads - self.bound) | self._beyond
        for method in self.inner[methods:]:
            passed |= method.frees
        self.bound, self.loads, self._beyond = bound, loads, outside
        # What a class within a class reads is not what the class round it binds.
        if outside is None:
            self.loads |= passed
        else:
            outside |= passed

    def _nested(self, node: AnyFunction) -> None:
        inner = Scan(node)
        self.inner.append(inner)
        self.loads |= inner.frees
        self.attributes |= inner.attributes
        outside: list[ast.AST] = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        if not isinstance(node, ast.Lambda):
            self.bound.add(node.name)
            self.functions.append(node)
            outside.extend(node.decorator_list)
        self._walk(outside)


def targets(target: ast.expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names of an assignment's target, with the indices that lead to each."""
    if isinstance(target, ast.Name):
        yield target.id, path
    elif isinstance(target, ast.Tuple | ast.List):
        for position, element in enumerate(target.elts):
            yield from targets(element, (*path, position))
    elif isinstance(target, ast.Starred):
        yield from targets(target.value, (*path, -1))
