"""Which scope binds a name. Invariant: a name that may be bound in two ways counts as both.

A fix writes names, and each must mean at its place what it means in the fix: a parameter called
`da`, a `now = ...` in the same function or a class attribute in the way is found here.
"""

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from durable_lint.fixing.parents import Parents
from durable_lint.reach.scan import children

__all__ = ["COMPREHENSIONS", "FUNCTIONS", "Binding", "Scopes", "bindings_in"]

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Binding(NamedTuple):
    """One way in which a name gets its value. qualified: of an import, what it stands for; else "".

    node: the statement or expression that binds it.
    """

    name: str
    node: ast.AST
    qualified: str = ""


class Scopes:
    """The scopes of a module. globals_: whether its functions may declare some."""

    def __init__(self, tree: ast.Module, parents: Parents, *, globals_: bool) -> None:
        self._tree = tree
        self._parents = parents
        self._globals = globals_
        self._bound: dict[ast.AST, dict[str, list[Binding]]] = {}
        self.stars = any(
            isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in tree.body
        )

    def ancestors(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """From the inside out: each node that holds it, with the child that leads to it."""
        while (parent := self._parents.of(node)) is not None:
            yield parent, node
            node = parent

    def binds(self, scope: ast.AST) -> dict[str, list[Binding]]:
        """What a scope binds, by name."""
        known = self._bound.get(scope)
        if known is None:
            known = {}
            for binding in (*bindings_in(scope), *self._declared_global(scope)):
                known.setdefault(binding.name, []).append(binding)
            self._bound[scope] = known
        return known

    def _declared_global(self, scope: ast.AST) -> Iterator[Binding]:
        """What functions bind in the module."""
        if scope is self._tree and self._globals:
            for node in self._parents.nodes:
                if isinstance(node, ast.Global):
                    for name in node.names:
                        yield Binding(name, node)

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """The scopes in which a name at this place is looked up, from the inside out."""
        in_function = False
        for parent, child in self.ancestors(node):
            if isinstance(parent, FUNCTIONS):
                if _is_inside(parent, child):
                    in_function = True
                    yield parent
            elif isinstance(parent, COMPREHENSIONS):
                yield parent
            elif isinstance(parent, ast.ClassDef):
                if not in_function and child in parent.body:
                    yield parent
            elif isinstance(parent, ast.Module):
                yield parent

    def bindings(self, name: str, node: ast.AST) -> list[Binding]:
        """How the name is bound in the innermost scope that does; none for a builtin."""
        for scope in self.enclosing(node):
            found = self.binds(scope).get(name)
            if found is not None:
                return found
        return []

    def is_deferred(self, node: ast.AST) -> bool:
        """Whether the module has been imported to its end when this runs."""
        return any(
            isinstance(parent, FUNCTIONS) and _is_inside(parent, child)
            for parent, child in self.ancestors(node)
        )

    def may_await(self, node: ast.AST) -> bool:
        """Whether an `await` may stand here, and waits in the `async def` that holds it."""
        before: ast.AST = node
        for parent, child in self.ancestors(node):
            match parent:
                case ast.AsyncFunctionDef() if _is_inside(parent, child):
                    return True
                case ast.FunctionDef() | ast.Lambda() if _is_inside(parent, child):
                    return False
                case ast.ClassDef() if child in parent.body:
                    return False
                case ast.GeneratorExp():
                    # Only what it iterates is evaluated where it stands.
                    if child is not parent.generators[0] or before is not child.iter:
                        return False
                case _:
                    pass
            before = child
        return False


def _is_inside(function: ast.AST, child: ast.AST) -> bool:
    """Whether a child of a function runs when it is called: no decorator, default or annotation."""
    if isinstance(function, ast.Lambda):
        return child is function.body
    return isinstance(child, ast.stmt)


def bindings_in(scope: ast.AST) -> Iterator[Binding]:
    """Whatever binds a name in a scope itself, not in those within it.

    A name that a function declares `global` is not its own.
    """
    if isinstance(scope, COMPREHENSIONS):
        for generator in scope.generators:
            yield from _targets(generator.target)
        return
    outer: set[str] = set()
    nodes = list(_within(scope))
    if isinstance(scope, FUNCTIONS):
        yield from _parameters(scope.args)
        for node in nodes:
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                outer.update(node.names)
    for node in nodes:
        for binding in _bindings(node):
            if binding.name not in outer:
                yield binding


def _parameters(arguments: ast.arguments) -> Iterator[Binding]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for argument in (*every, arguments.vararg, arguments.kwarg):
        if argument is not None:
            yield Binding(argument.arg, argument)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in a scope; of those that open another, only the node itself."""
    body = scope.body if isinstance(scope, (ast.Module, ast.ClassDef, *FUNCTIONS)) else []
    pending: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [default for default in node.args.kw_defaults if default is not None]
            pending.extend((*node.decorator_list, *node.args.defaults, *defaults))
        elif isinstance(node, ast.Lambda):
            pending.extend(node.args.defaults)
        elif isinstance(node, ast.ClassDef):
            pending.extend((*node.decorator_list, *node.bases, *node.keywords))
        elif isinstance(node, ast.comprehension):
            # Its target is the comprehension's own; a walrus in it is this scope's.
            pending.extend((node.iter, *node.ifs))
        else:
            pending.extend(children(node))


def _bindings(node: ast.AST) -> Iterator[Binding]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield Binding(name, node)
        case ast.Import(names=names):
            for alias in names:
                if alias.asname:
                    yield Binding(alias.asname, node, alias.name)
                else:
                    top = alias.name.partition(".")[0]
                    yield Binding(top, node, top)
        case ast.ImportFrom(module=module, names=names, level=level):
            for alias in names:
                if alias.name != "*":
                    source = "." * level + (module or "")
                    yield Binding(alias.asname or alias.name, node, f"{source}.{alias.name}")
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield Binding(name, node)
        case ast.ExceptHandler(name=str(name)):
            yield Binding(name, node)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield Binding(name, node)
        case ast.MatchMapping(rest=str(name)):
            yield Binding(name, node)
        case _:
            pass


def _targets(target: ast.AST) -> Iterator[Binding]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Binding(node.id, node)
