"""Which node holds which. Invariant: what is told of a part of a tree is what all of it would tell.

To look at all nodes of a file takes longer than all else about a finding: where only the way down
to a line is asked for, only that is gone.
"""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from durable_lint.reach.scan import children

__all__ = ["Parents"]

# After so many lines of a file it is quicker to look at all of it.
_FEW: Final = 16


class Parents:
    """Those of one tree, which does not change."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._held: dict[ast.AST, ast.AST] = {}
        self._lines: dict[int, list[ast.expr | ast.ExceptHandler]] = {}
        self._found = 0

    def of(self, node: ast.AST) -> ast.AST | None:
        """The node that holds it; None of the module, and of what is in no place of the tree."""
        held = self._held.get(node)
        if held is None and node is not self._tree:
            held = self._all.get(node)
        return held

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes that have a place or hold others, each behind the one that holds it."""
        return [self._tree, *self._all]

    def on(self, line: int) -> list[ast.expr | ast.ExceptHandler]:
        """The nodes that begin on a line, in the order of `nodes`."""
        if "_by_line" in self.__dict__ or self._found >= _FEW:
            return self._by_line.get(line, [])
        found = self._lines.get(line)
        if found is None:
            self._found += 1
            found = self._lines[line] = list(self._down_to(line))
        return found

    def anywhere(self, line: int) -> list[ast.expr | ast.ExceptHandler]:
        """The same, where statements may hold what is said to stand elsewhere: f-strings do."""
        return self._by_line.get(line, [])

    def _down_to(self, line: int) -> Iterator[ast.expr | ast.ExceptHandler]:
        pending: list[ast.AST] = [self._tree]
        while pending:
            node = pending.pop()
            for child in children(node):
                if isinstance(child, ast.stmt) and not _is_round(child, line):
                    continue
                self._held[child] = node
                pending.append(child)
                if isinstance(child, ast.expr | ast.ExceptHandler) and child.lineno == line:
                    yield child

    @cached_property
    def _all(self) -> dict[ast.AST, ast.AST]:
        held: dict[ast.AST, ast.AST] = {}
        pending: list[ast.AST] = [self._tree]
        while pending:
            node = pending.pop()
            for child in children(node):
                held[child] = node
                pending.append(child)
        return held

    @cached_property
    def _by_line(self) -> dict[int, list[ast.expr | ast.ExceptHandler]]:
        lines: dict[int, list[ast.expr | ast.ExceptHandler]] = {}
        for node in self._all:
            if isinstance(node, ast.expr | ast.ExceptHandler):
                lines.setdefault(node.lineno, []).append(node)
        return lines


def _is_round(statement: ast.stmt, line: int) -> bool:
    first = statement.lineno
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        first = min([first, *(decorator.lineno for decorator in statement.decorator_list)])
    return first <= line <= (statement.end_lineno or first)
