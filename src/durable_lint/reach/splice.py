"""A new text of a module is put into the tree that is there, so that what did not change stays.

Invariant: afterwards the tree says what the new text says, with the places of the new text, and
every statement whose lines are as they were is the node that it was. What is known of a function
by its node, and of a name by its function, stays true. Where that cannot be had there is no splice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

__all__ = ["Spliced", "spliced"]

_Definition = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORTS: Final = (ast.Import, ast.ImportFrom)


class Spliced(NamedTuple):
    """What differs. line: the first, from 1, whose code differs or moved.

    added, removed: imports, functions and constants of the top level. edited: functions whose
    bodies differ, by their nodes. body: of the module.
    """

    line: int
    body: list[ast.stmt]
    added: list[ast.stmt]
    removed: list[ast.stmt]
    edited: list[_Definition]


class _NoSpliceError(Exception):
    """What changed is more than bodies, imports and functions."""


def spliced(
    old: ast.Module, new: ast.Module, before: Sequence[str], after: Sequence[str]
) -> Spliced | None:
    """Put a new tree into an old one, which is changed in place; None when nothing was.

    before, after: the lines of both texts.
    """
    planner = _Planner(before, after)
    try:
        body = planner.top(old.body, new.body)
    except (_NoSpliceError, RecursionError):
        return None
    for change in planner.changes:
        change.make()
    old.body[:] = body
    return Spliced(planner.line, body, planner.added, planner.removed, planner.edited)


class _Move(NamedTuple):
    """A statement stands elsewhere, by so many lines."""

    node: ast.stmt
    by: int

    def make(self) -> None:
        for node in ast.walk(self.node):
            if hasattr(node, "lineno"):
                node.lineno += self.by
                node.end_lineno += self.by  # type: ignore[attr-defined]


class _Rewrite(NamedTuple):
    """A function or class has another body, and maybe its head written otherwise."""

    old: _Definition | ast.ClassDef
    new: _Definition | ast.ClassDef
    body: list[ast.stmt]

    def make(self) -> None:
        for field in self.new._fields:
            if field != "body":
                setattr(self.old, field, getattr(self.new, field))
        for attribute in self.new._attributes:
            setattr(self.old, attribute, getattr(self.new, attribute))
        self.old.body[:] = self.body


class _Planner:
    """Finds out what to change before anything is: a splice is whole or not at all."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self.before = before
        self.after = after
        self.line = len(before) + 1
        self.changes: list[_Move | _Rewrite] = []
        self.added: list[ast.stmt] = []
        self.removed: list[ast.stmt] = []
        self.edited: list[_Definition] = []

    # ------------------------------------------------------------ of the top level

    def top(self, old: list[ast.stmt], new: list[ast.stmt]) -> list[ast.stmt]:
        head, tail = self._common(old, new)
        middle = self._matched(old[head : len(old) - tail], new[head : len(new) - tail])
        return [*self._kept(old[:head], new), *middle, *self._ended(old, new, tail)]

    def _matched(self, old: list[ast.stmt], new: list[ast.stmt]) -> list[ast.stmt]:
        """Functions are known by their names, imports may come and go, the rest stays in order."""
        functions = _by_name(old)
        again = _by_name(new)
        rest = [node for node in old if not _comes_and_goes(node)]
        body: list[ast.stmt] = []
        for node in new:
            if isinstance(node, _FUNCTIONS):
                known = functions.get(node.name)
                if known is not None and self._is_kept(known, node):
                    del functions[node.name]
                    body.append(self._function(known, node))
                else:
                    body.append(self._added(node))
            elif _comes_and_goes(node):
                body.append(self._added(node))
            elif not rest:
                raise _NoSpliceError
            else:
                body.append(self._same_or_constant(rest.pop(0), node))
        if rest or len(again) != sum(isinstance(node, _FUNCTIONS) for node in new):
            raise _NoSpliceError
        for node in old:
            if isinstance(node, _IMPORTS) or functions.get(getattr(node, "name", "")) is node:
                self._differs(node)
                self.removed.append(node)
        return body

    def _same_or_constant(self, old: ast.stmt, new: ast.stmt) -> ast.stmt:
        if not (_names_constant(old) and _names_constant(new)):
            return self._same(old, new)
        if self._text(old, self.before) == self._text(new, self.after):
            return self._moved(old, new)
        self._differs(old)
        self.removed.append(old)
        return self._added(new)

    def _is_kept(self, old: _Definition, new: _Definition) -> bool:
        """A function with another head is another function."""
        same = self._text(old, self.before) == self._text(new, self.after)
        return same or _same_head(old, new)

    def _added(self, node: ast.stmt) -> ast.stmt:
        if not _says_nothing(node):
            self.added.append(node)
        return node

    # ------------------------------------------------------------ of anything

    def _body(self, old: list[ast.stmt], new: list[ast.stmt]) -> list[ast.stmt]:
        """Of a class: its statements are the same ones, methods may have other bodies."""
        head, tail = self._common(old, new)
        middle, instead = old[head : len(old) - tail], new[head : len(new) - tail]
        if len(middle) != len(instead):
            raise _NoSpliceError
        matched = [self._same(*pair) for pair in zip(middle, instead, strict=True)]
        return [*self._kept(old[:head], new), *matched, *self._ended(old, new, tail)]

    def _code(self, old: list[ast.stmt], new: list[ast.stmt]) -> list[ast.stmt]:
        """Of a function: anything may be in it; what is known by its node stays where it can."""
        head, tail = self._common(old, new)
        middle, instead = old[head : len(old) - tail], new[head : len(new) - tail]
        functions = _by_name(middle)
        code: list[ast.stmt] = []
        for node in instead:
            known = functions.pop(node.name, None) if isinstance(node, _FUNCTIONS) else None
            same = known is not None and isinstance(node, _FUNCTIONS) and _same_head(known, node)
            code.append(self._rewritten(known, node) if same else node)  # type: ignore[arg-type]
        for node in middle:
            self._differs(node)
        return [*self._kept(old[:head], new), *code, *self._ended(old, new, tail)]

    def _same(self, old: ast.stmt, new: ast.stmt) -> ast.stmt:
        if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
            if not _same_head(old, new):
                raise _NoSpliceError
            self._differs(old)
            body = self._body(old.body, new.body)
            self.changes.append(_Rewrite(old, new, body))
            return old
        if isinstance(old, _FUNCTIONS) and isinstance(new, _FUNCTIONS):
            return self._function(old, new)
        if _says_nothing(old) and _says_nothing(new):
            self._differs(old)
            return new
        if self._text(old, self.before) != self._text(new, self.after):
            raise _NoSpliceError
        return self._moved(old, new)

    def _function(self, old: _Definition, new: _Definition) -> ast.stmt:
        if self._text(old, self.before) == self._text(new, self.after):
            return self._moved(old, new)
        if not _same_head(old, new):
            raise _NoSpliceError
        return self._rewritten(old, new)

    def _rewritten(self, old: _Definition, new: _Definition) -> ast.stmt:
        self._differs(old)
        self.edited.append(old)
        self.changes.append(_Rewrite(old, new, self._code(old.body, new.body)))
        return old

    # ------------------------------------------------------------ what stays

    def _common(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> tuple[int, int]:
        """How many statements at the beginning and at the end are written alike."""
        shorter = min(len(old), len(new))
        head = 0
        while head < shorter and self._alike(old[head], new[head]):
            head += 1
        tail = 0
        while tail < shorter - head and self._alike(old[-1 - tail], new[-1 - tail]):
            tail += 1
        return head, tail

    def _kept(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [self._moved(node, new[place]) for place, node in enumerate(old)]

    def _ended(
        self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], count: int
    ) -> list[ast.stmt]:
        if not count:
            return []
        return [self._moved(*pair) for pair in zip(old[-count:], new[-count:], strict=True)]

    def _moved(self, old: ast.stmt, new: ast.stmt) -> ast.stmt:
        by = new.lineno - old.lineno
        if by:
            self._differs(old)
            self.changes.append(_Move(old, by))
        return old

    def _alike(self, old: ast.stmt, new: ast.stmt) -> bool:
        return (
            type(old) is type(new)
            and old.col_offset == new.col_offset
            and old.end_col_offset == new.end_col_offset
            and self._text(old, self.before) == self._text(new, self.after)
        )

    def _text(self, node: ast.stmt, lines: Sequence[str]) -> Sequence[str]:
        return lines[_first_line(node) - 1 : node.end_lineno]

    def _differs(self, node: ast.stmt) -> None:
        self.line = min(self.line, _first_line(node))


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", None)
    return min(node.lineno, decorators[0].lineno) if decorators else node.lineno


def _by_name(body: Sequence[ast.stmt]) -> dict[str, _Definition]:
    return {node.name: node for node in body if isinstance(node, _FUNCTIONS)}


def _comes_and_goes(node: ast.stmt) -> bool:
    return isinstance(node, (*_IMPORTS, *_FUNCTIONS)) or _says_nothing(node)


def _names_constant(node: ast.stmt) -> bool:
    """`LIMIT = 3`"""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and all(isinstance(target, ast.Name) for target in node.targets)
    )


def _says_nothing(node: ast.stmt) -> bool:
    """A docstring, or a constant that stands for nothing."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _same_head(old: _Definition | ast.ClassDef, new: _Definition | ast.ClassDef) -> bool:
    return (
        type(old) is type(new)
        and old.name == new.name
        and list(map(ast.dump, _head(old))) == list(map(ast.dump, _head(new)))
    )


def _head(node: _Definition | ast.ClassDef) -> Iterator[ast.AST]:
    """What a definition consists of beside its body."""
    yield from node.decorator_list
    yield from getattr(node, "type_params", ())
    if isinstance(node, ast.ClassDef):
        yield from node.bases
        yield from node.keywords
    else:
        yield node.args
        if node.returns is not None:
            yield node.returns
