"""One round of a loop hands something to the next: what it worked out so far, or what is left.

Invariant: syntax alone is read. Sums, products, counts and extremes come out alike in any order and
are let be; what folds a value into itself does not, nor does what chooses until something is used
up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.reach.shapes import SCOPES, breaks

__all__ = ["minds_order"]

# Functions that work what they gave before into what they give next.
CHAINED: Final = ("crc32", "adler32", "md5", "sha", "blake2", "uuid3", "uuid5")
# Operators that scale: what was added before counts for more, or less, with each round.
SCALING: Final = (ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift)
ADDING: Final = (ast.Add, ast.Sub, ast.BitXor, ast.BitOr)
# Statements that are not looked into.
WHOLE: Final = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, *SCOPES)
FILLING: Final = frozenset({"add", "append", "discard", "remove", "update", "extend", "setdefault"})


def minds_order(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether the rounds of a loop do something else when they come in another order."""
    body = list(_statements(loop.body))
    names = _hanging_on(loop, body)
    return any(_folds(node, names) for node in body) or _uses_up(body, names)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, in their order, but for those of functions and classes within."""
    for statement in body:
        yield statement
        if isinstance(statement, WHOLE):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(part.body)


def _read(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _hanging_on(loop: ast.For | ast.AsyncFor, body: list[ast.stmt]) -> set[str]:
    """The names of a loop that hang on the element of the round, and on nothing before it."""
    names = _read(loop.target)
    for node in body:
        match node:
            case ast.Assign([ast.Name(name)], value) if name not in _read(value):
                if names & _read(value):
                    names.add(name)
            case _:
                pass
    return names


# ------------------------------------------------------------ folds


def _folds(node: ast.stmt, names: set[str]) -> bool:
    """`code = code * 31 + len(name)`, `crc = crc32(name, crc)`, `text = f"{text}{name}"`."""
    match node:
        case ast.Assign([ast.Name(name)], value):
            read = _read(value)
            return name in read and bool(names & read) and _works_in(value, name, names)
        case _:
            return False


def _works_in(value: ast.expr, name: str, names: set[str]) -> bool:
    """Whether an expression works elements into what a name held before."""
    match value:
        case ast.BinOp(inner, ast.Mod() | ast.BitAnd(), _):
            return _works_in(inner, name, names)
        case ast.BinOp(left, operator, right) if isinstance(operator, ADDING):
            for old, new in ((left, right), (right, left)):
                if _is_scaled(old, name) and names & _read(new):
                    return True
            return False
        case ast.JoinedStr():
            return True
        case ast.Call():
            return any(_chains(call, name, names) for call in ast.walk(value))
        case _:
            return False


def _is_scaled(node: ast.expr, name: str) -> bool:
    return any(
        isinstance(part, ast.BinOp)
        and isinstance(part.op, SCALING)
        and name in _read(part.left) | _read(part.right)
        for part in ast.walk(node)
    )


def _chains(call: ast.AST, name: str, names: set[str]) -> bool:
    """Whether a digest is made of what it was before and of an element."""
    match call:
        case ast.Call(ast.Name(function) | ast.Attribute(_, function), arguments):
            read = {found for argument in arguments for found in _read(argument)}
            return function.startswith(CHAINED) and name in read and bool(names & read)
        case _:
            return False


# ------------------------------------------------------------ what is used up


def _uses_up(body: list[ast.stmt], names: set[str]) -> bool:
    """Whether elements are taken until something is full, or until nothing is left of it."""
    filled = _filled(body, names)
    if not filled:
        return False
    spent = {
        node.target.id
        for node in body
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return any(
        isinstance(node, ast.If)
        and _asks_what_is_left(node.test, spent, filled)
        and _decides(node, names)
        for node in body
    )


def _filled(body: list[ast.stmt], names: set[str]) -> set[str]:
    """The collections that elements are put into."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(holder), method), arguments)) if (
                method in FILLING and any(names & _read(argument) for argument in arguments)
            ):
                found.add(holder)
            case ast.Assign([ast.Subscript(ast.Name(holder))]) if names & _read(node):
                found.add(holder)
            case _:
                pass
    return found - names


def _asks_what_is_left(test: ast.expr, spent: set[str], filled: set[str]) -> bool:
    for node in ast.walk(test):
        match node:
            case ast.Compare():
                if spent & {part.id for part in _sides(node) if isinstance(part, ast.Name)}:
                    return True
            case ast.Call(ast.Name("len"), [ast.Name(counted)]) if counted in filled:
                return True
            case _:
                pass
    return False


def _sides(node: ast.Compare) -> Iterator[ast.AST]:
    for side in (node.left, *node.comparators):
        yield from ast.walk(side)


def _decides(node: ast.If, names: set[str]) -> bool:
    """Whether a test says which elements are taken: it leaves the round, or guards the taking."""
    for branch in (node.body, node.orelse):
        if breaks(branch) or _filled(list(_statements(branch)), names):
            return True
        if any(isinstance(part, ast.Continue) for part in branch):
            return True
    return False
