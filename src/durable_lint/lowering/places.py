"""Where things stand, as ast counts it. Invariant: columns are in bytes of UTF-8, lines from 1."""

from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange

__all__ = ["Place", "Places"]

Place = tuple[int, int]


class Places:
    """The places of one module's nodes."""

    def __init__(self, module: cst.Module, positions: Any, lines: list[str]) -> None:
        self.root = module
        self.positions = positions
        self.lines = lines
        # A semicolon behind a block's last statement is no part of that, but one of the block.
        self.ends: dict[int, Place] = {}

    def range(self, node: cst.CSTNode) -> tuple[Place, Place]:
        """Where a node stands by itself: without the parentheses around it."""
        found: CodeRange = self.positions[node]
        start, end = found.start, found.end
        return (start.line, start.column), (end.line, end.column)

    def outer(self, node: Any) -> tuple[Place, Place]:
        """With the parentheses around it."""
        lpar: Sequence[cst.LeftParen] = getattr(node, "lpar", ())
        if lpar:
            return self.range(lpar[0])[0], self.range(node.rpar[-1])[1]
        return self.range(node)

    def own(self, node: Any) -> tuple[Place, Place]:
        """With the innermost parentheses: a tuple's and a generator's are its own."""
        if node.lpar:
            return self.range(node.lpar[-1])[0], self.range(node.rpar[0])[1]
        start, end = self.range(node)
        return start, self.trimmed(end)

    def trimmed(self, end: Place) -> Place:
        """Without the blanks behind a trailing comma."""
        line, column = end
        return line, len(self.lines[line - 1][:column].rstrip())

    def at(self, new: Any, place: tuple[Place, Place]) -> Any:
        (new.lineno, start), (new.end_lineno, end) = place
        new.col_offset = self.offset(new.lineno, start)
        new.end_col_offset = self.offset(new.end_lineno, end)
        return new

    def offset(self, line: int, column: int) -> int:
        """ast counts bytes of UTF-8."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return column
        return len(text[:column].encode("utf-8", "surrogatepass"))

    def until(self, new: Any, start: cst.CSTNode, last: Any) -> Any:
        """A compound statement ends where its last statement does."""
        (line, column), _ = self.range(start)
        new.lineno = line
        new.col_offset = self.offset(line, column)
        new.end_lineno = last.end_lineno
        new.end_col_offset = last.end_col_offset
        semicolon = self.ends.get(id(last))
        if semicolon is not None:
            new.end_lineno = semicolon[0]
            new.end_col_offset = self.offset(*semicolon)
        return new
