"""A scope says which names a piece of source binds and where; it evaluates nothing.

Functions, classes and modules are made once for each file, in one walk of its top level. Bodies are
looked into only when something reaches them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, Final

from durable_lint.reach.scan import AnyFunction, Scan, targets
from durable_lint.source import Source

__all__ = [
    "Binding",
    "ClassScope",
    "Function",
    "Import",
    "ImportFrom",
    "Module",
    "is_type_checking",
    "state_of_function",
]


class Import:
    """`import a.b as c`: the name `c` is the module `a.b`; without `as`, `a` is the module `a`.

    whole: the module that is imported, whatever the name is bound to.
    """

    __slots__ = ("dotted", "whole")

    def __init__(self, dotted: str, whole: str) -> None:
        self.dotted = dotted
        self.whole = whole


class ImportFrom:
    """`from ..a import b as c`."""

    __slots__ = ("dotted", "level", "name")

    def __init__(self, dotted: str, level: int, name: str) -> None:
        self.dotted = dotted
        self.level = level
        self.name = name


class Assigned:
    """A name that gets (a part of) the value of an expression.

    path: indices that lead from the value to the part, for tuples. annotation: of an annotated
    assignment.
    """

    __slots__ = ("annotation", "form", "node", "path", "value")

    def __init__(
        self,
        node: ast.AST,
        value: ast.expr | None,
        path: tuple[int, ...] = (),
        annotation: ast.expr | None = None,
        form: str = "assign",
    ) -> None:
        self.node = node
        self.value = value
        self.path = path
        self.annotation = annotation
        self.form = form


class Module:
    """A file: what its top level binds. `bindings` keeps every binding of a name, in order."""

    __slots__ = (
        "bindings",
        "dialect",
        "dotted",
        "origins",
        "path",
        "settled",
        "source",
        "stars",
        "tree",
        "values",
    )

    def __init__(self, path: str, dotted: str, source: Source) -> None:
        self.path = path
        self.dotted = dotted
        self.dialect: str | None = None  # found out when it is asked for
        self.source = source
        self.tree = source.tree
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[ImportFrom] = []
        self.values: dict[str, Any] = {}
        self.origins: dict[str, set[str]] = {}
        # The first of a name's bindings that counts: what stands before was replaced for good.
        self.settled: dict[str, int] = {}
        collect(self.tree.body, self.bindings, self.stars, self, None, None, settles=True)

    def __repr__(self) -> str:
        return f"Module({self.dotted})"

    @property
    def exported(self) -> list[str] | None:
        """What `__all__` lists, when it is a plain list of strings."""
        for binding in self.bindings.get("__all__", ()):
            if type(binding) is Assigned and isinstance(binding.value, ast.List | ast.Tuple):
                return [
                    element.value
                    for element in binding.value.elts
                    if isinstance(element, ast.Constant) and isinstance(element.value, str)
                ]
        return None


class ClassScope:
    """A class statement: its attributes and methods as written, bases not yet resolved."""

    __slots__ = (
        "attributes",
        "bindings",
        "function",
        "memo",
        "module",
        "name",
        "node",
        "parent",
        "qualname",
    )

    def __init__(
        self,
        node: ast.ClassDef,
        module: Module,
        parent: ClassScope | None,
        function: Function | None,
    ) -> None:
        self.node = node
        self.module = module
        self.parent = parent
        self.function = function
        self.name = node.name
        holder = (
            parent.qualname if parent else (f"{function.qualname}.<locals>" if function else "")
        )
        self.qualname: str = f"{holder}.{node.name}" if holder else node.name
        self.bindings: dict[str, list[Binding]] = {}
        self.memo: dict[str, object] = {}
        collect(node.body, self.bindings, [], module, self, function)

    def __repr__(self) -> str:
        return f"ClassScope({self.module.dotted}.{self.qualname})"

    @property
    def state(self) -> str:
        """The spelling of this class in the names of states."""
        return f"{self.module.dotted}.{self.qualname}"

    def method(self, name: str) -> Function | None:
        """The last function of this name in the body."""
        for binding in reversed(self.bindings.get(name, ())):
            if type(binding) is Function:
                return binding
        return None


class Function:
    """A function statement or lambda, and lazily the names that its body binds and reads."""

    __slots__ = (
        "_scan",
        "cls",
        "is_async",
        "module",
        "name",
        "node",
        "parent",
        "qualname",
    )

    def __init__(
        self, node: AnyFunction, module: Module, cls: ClassScope | None, parent: Function | None
    ) -> None:
        self.node = node
        self.module = module
        self.cls = cls
        self.parent = parent
        self.name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        if cls is not None:
            holder = cls.qualname
        else:
            holder = f"{parent.qualname}.<locals>" if parent else ""
        self.qualname: str = f"{holder}.{self.name}" if holder else self.name
        self._scan: Scan | None = None

    def __repr__(self) -> str:
        return f"Function({self.module.dotted}.{self.qualname})"

    @property
    def scan(self) -> Scan:
        """What the body binds and reads."""
        if self._scan is None:
            self._scan = Scan(self.node)
        return self._scan

    @property
    def decorators(self) -> Sequence[ast.expr]:
        """The decorators as written, outermost first."""
        return () if isinstance(self.node, ast.Lambda) else self.node.decorator_list

    @property
    def line(self) -> int:
        return self.node.lineno


Binding = Import | ImportFrom | Assigned | Function | ClassScope


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING`, however it is reached."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def is_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
    )


def collect(
    body: Sequence[ast.stmt],
    bindings: dict[str, list[Binding]],
    stars: list[ImportFrom],
    module: Module,
    cls: ClassScope | None,
    function: Function | None,
    *,
    settles: bool = False,
) -> None:
    """Gather what statements at the level of a module or class bind, also within blocks."""
    for statement in body:
        for name, binding in _bound_by(statement, module, cls, function):
            if name == "*" and isinstance(binding, ImportFrom):
                stars.append(binding)
                continue
            bindings.setdefault(name, []).append(binding)
            if settles and not isinstance(binding, Assigned):
                # A statement of the module itself, in no block, replaces what a name was before.
                module.settled[name] = len(bindings[name]) - 1
        for nested in blocks(statement):
            collect(nested, bindings, stars, module, cls, function)


def _bound_by(
    statement: ast.stmt, module: Module, cls: ClassScope | None, function: Function | None
) -> Iterator[tuple[str, Binding]]:
    """The names that a statement binds itself, `*` for a star."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.name, Function(statement, module, cls, None if cls else function)
    elif isinstance(statement, ast.ClassDef):
        yield statement.name, ClassScope(statement, module, cls, function)
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from imports(statement)
    elif isinstance(statement, ast.For | ast.AsyncFor):
        for name, path in targets(statement.target):
            yield name, Assigned(statement, statement.iter, path, None, "element")
    elif isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if item.optional_vars is not None:
                for name, path in targets(item.optional_vars):
                    yield name, Assigned(statement, item.context_expr, path, None, "entered")
    else:
        yield from _assigned_by(statement)


def _assigned_by(statement: ast.stmt) -> Iterator[tuple[str, Assigned]]:
    match statement:
        case ast.Assign(holders, value):
            for holder in holders:
                for name, path in targets(holder):
                    yield name, Assigned(statement, value, path)
        case ast.AnnAssign(ast.Name(name), annotation, held):
            yield name, Assigned(statement, held, (), annotation)
        case ast.AugAssign(ast.Name(name), _, value):
            yield name, Assigned(statement, value, (), None, "augmented")
        case _ if type(statement) is TYPE_ALIAS:
            alias: Any = statement
            yield alias.name.id, Assigned(alias, alias.value, (), None, "type")
        case _:
            pass


# `type X = ...` is of Python 3.12.
TYPE_ALIAS: Final[Any] = getattr(ast, "TypeAlias", None)


def blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """The blocks of a compound statement, except what only a script runs."""
    match statement:
        case ast.If(test, body, orelse):
            if not is_main(test):
                yield body
            yield orelse
        case ast.Try(body, handlers, orelse, final) | ast.TryStar(body, handlers, orelse, final):
            yield body
            for handler in handlers:
                yield handler.body
            yield orelse
            yield final
        case ast.While(_, body, orelse) | ast.For(_, _, body, orelse):
            yield body
            yield orelse
        case ast.AsyncFor(_, _, body, orelse):
            yield body
            yield orelse
        case ast.With(_, body) | ast.AsyncWith(_, body):
            yield body
        case ast.Match(_, cases):
            for case in cases:
                yield case.body
        case _:
            pass


def imports(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import | ImportFrom]]:
    """Each name that an import binds, `*` for a star."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Import(alias.name, alias.name)
            else:
                top = alias.name.partition(".")[0]
                yield top, Import(top, alias.name)
    else:
        for alias in statement.names:
            yield (
                alias.asname or alias.name,
                ImportFrom(statement.module or "", statement.level, alias.name),
            )


def state_of_function(function: Function, name: str) -> str:
    """How the state is called that an attribute of a function is."""
    return f"{function.module.dotted}.{function.qualname}.{name}"
