"""The shape of code is what its syntax alone says: which ways lead out of it, what it waits for.

Invariant: nothing is evaluated here, and what stands in functions and classes within says nothing
about the code round them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from durable_lint.reach.scopes import Function

__all__ = [
    "always_raises",
    "binds",
    "breaks",
    "declares",
    "defaults_of",
    "escapes",
    "first_await",
    "forwards_to",
    "has_exit",
    "head_of",
    "leaving_statements",
    "reads_and_ends",
    "sorted_places",
    "within",
    "yields",
]

SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements, but for those of functions and classes within."""
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, SCOPES):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


def defaults_of(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """The parameters with a default that is more than a literal."""
    arguments = function.node.args
    places = [*arguments.posonlyargs, *arguments.args]
    last = places[len(places) - len(arguments.defaults) :]
    pairs = (
        *zip(last, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    )
    for argument, default in pairs:
        if default is not None and not isinstance(default, ast.Constant):
            yield argument.arg, default


def reads_and_ends(function: ast.AST) -> tuple[dict[str, int], dict[int, int]]:
    """The last line that reads each name; the last of each loop, by the line of its iterable."""
    reads: dict[str, int] = {}
    ends: dict[int, int] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                reads[node.id] = max(node.lineno, reads.get(node.id, 0))
        elif isinstance(node, ast.For):
            ends.setdefault(node.iter.lineno, node.end_lineno or node.lineno)
    return reads, ends


def sorted_places(function: ast.AST) -> frozenset[str]:
    """What is sorted somewhere in a function: `x.sort()`, `sorted(x)`; as it is written."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Call(ast.Attribute(inner, "sort")) | ast.Call(ast.Name("sorted"), [inner]):
                found.add(ast.unparse(inner))
            case _:
                pass
    return frozenset(found)


def first_await(body: list[ast.stmt], *, generators: bool) -> ast.AST | None:
    """What is waited for first. generators: `yield` waits."""
    for node in within(body):
        if isinstance(node, ast.Await):
            return node.value
        if isinstance(node, ast.AsyncFor):
            return node.iter
        if isinstance(node, ast.AsyncWith):
            return node.items[0].context_expr
        if generators and isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
            return node.value
    return None


def yields(body: list[ast.stmt]) -> bool:
    """Whether there is a `yield`."""
    return any(isinstance(node, ast.Yield) for node in within(body))


def has_exit(body: list[ast.stmt]) -> bool:
    """Whether a loop's body may leave the loop: break of its own, return, raise."""
    return any(isinstance(node, ast.Return | ast.Raise) for node in within(body)) or breaks(body)


def breaks(body: list[ast.stmt]) -> bool:
    """Whether a `break` of the loop with this body is in it."""
    for statement in body:
        if isinstance(statement, ast.Break):
            return True
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
            if breaks(statement.orelse):
                return True
            continue
        if isinstance(statement, SCOPES):
            continue
        for field in ("body", "orelse", "finalbody"):
            if breaks(getattr(statement, field, [])):
                return True
        for handler in getattr(statement, "handlers", []):
            if breaks(handler.body):
                return True
        for case in getattr(statement, "cases", []):
            if breaks(case.body):
                return True
    return False


def always_raises(body: list[ast.stmt], leaving: Callable[[ast.Call], bool]) -> bool:
    """Whether every way through statements raises. leaving: whether a call never returns."""
    for statement in body:
        if _raises(statement, leaving):
            return True
        if _may_leave(statement):
            return False
    return False


def _raises(statement: ast.stmt, leaving: Callable[[ast.Call], bool]) -> bool:
    match statement:
        case ast.Raise():
            return True
        case ast.Expr(ast.Call() as call) | ast.Expr(ast.Await(ast.Call() as call)):
            return leaving(call)
        case ast.If(_, then, other):
            return always_raises(then, leaving) and always_raises(other, leaving)
        case ast.With(_, inner) | ast.AsyncWith(_, inner):
            return always_raises(inner, leaving)
        case ast.Try(inner, handlers, _, final):
            return always_raises(final, leaving) or (
                always_raises(inner, leaving)
                and all(always_raises(handler.body, leaving) for handler in handlers)
            )
        case _:
            return False


def _may_leave(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Break() | ast.Continue():
            return True
        case ast.If(_, then, other):
            return escapes(then) or escapes(other)
        case ast.Try(inner, handlers):
            return any(escapes(part) for part in (inner, *(h.body for h in handlers)))
        case ast.For() | ast.While() | ast.AsyncFor():
            return any(isinstance(node, ast.Return) for node in within([statement]))
        case _:
            return False


def binds(body: list[ast.stmt], name: str) -> bool:
    """Whether statements, or functions within them, bind a name."""
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for statement in body
        for node in ast.walk(statement)
    )


def declares(tree: ast.AST, name: str) -> bool:
    """Whether some function says `nonlocal` or `global` of a name: it binds what others read."""
    return any(
        isinstance(node, ast.Nonlocal | ast.Global) and name in node.names
        for node in ast.walk(tree)
    )


def escapes(body: list[ast.stmt]) -> bool:
    """Whether some way through statements leaves without raising."""
    return any(isinstance(node, ast.Return | ast.Break | ast.Continue) for node in within(body))


def leaving_statements(body: list[ast.stmt], *, in_loop: bool = False) -> Iterator[ast.stmt]:
    """The statements that lead out of a block, other than by raising."""
    for statement in body:
        if isinstance(statement, ast.Return) or (
            isinstance(statement, ast.Break | ast.Continue) and not in_loop
        ):
            yield statement
        elif isinstance(statement, SCOPES):
            continue
        else:
            loop = in_loop or isinstance(statement, ast.For | ast.AsyncFor | ast.While)
            for field in ("body", "orelse", "finalbody"):
                yield from leaving_statements(getattr(statement, field, []), in_loop=loop)
            for handler in getattr(statement, "handlers", []):
                yield from leaving_statements(handler.body, in_loop=loop)


def forwards_to(function: Function) -> str | None:
    """The attribute of `self` that a `__getattr__` asks for the name it was asked for."""
    arguments = function.node.args.args
    if len(arguments) != 2 or isinstance(function.node, ast.Lambda):
        return None
    own, name = arguments[0].arg, arguments[1].arg
    for node in within(function.node.body):
        match node:
            case ast.Return(
                ast.Call(
                    ast.Name("getattr"),
                    [ast.Attribute(ast.Name(holder), held), ast.Name(asked), *_],
                )
            ) if holder == own and asked == name:
                return held
            case _:
                pass
    return None


def head_of(handler: ast.ExceptHandler) -> ast.AST:
    """The handler without its body, for a place to underline."""
    head = ast.Pass()
    head.lineno = handler.lineno
    head.col_offset = handler.col_offset
    end = handler.type
    head.end_lineno = end.end_lineno if end is not None else handler.lineno
    head.end_col_offset = (
        end.end_col_offset if end is not None else handler.col_offset + len("except")
    )
    return head
