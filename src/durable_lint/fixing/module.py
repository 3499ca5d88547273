"""A file as fixes see it: its tree with offsets into the text, and what its names mean.

Invariant: nothing here changes. A fix that cannot prove what a name means makes no edit.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from durable_lint.fixing.parents import Parents
from durable_lint.fixing.scopes import Binding, Scopes
from durable_lint.model import Span
from durable_lint.source import Source

__all__ = ["Located", "Module", "Spelling"]

Located = ast.expr | ast.stmt | ast.ExceptHandler | ast.alias

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BLANK: Final = " \t\f"


class Spelling(NamedTuple):
    """How a name is written at a place. imports: the module that must be imported first, or ""."""

    text: str
    imports: str = ""


class Module:
    """One file. source: whose tree can be had. newline: what ends its lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tree = source.tree
        ends = [match.end() for match in _LINE_END.finditer(self.text)]
        self._starts = [0, *ends]
        found = _LINE_END.search(self.text)
        self.newline = found[0] if found else "\n"
        self._parents = Parents(self.tree)
        self._by_span: dict[int, dict[Span, list[ast.expr | ast.ExceptHandler]]] = {}
        self._read_whole: set[int] = set()

    @property
    def nodes(self) -> list[ast.AST]:
        """All nodes that have a place or hold others, each behind the one that holds it."""
        return self._parents.nodes

    @cached_property
    def scopes(self) -> Scopes:
        """What its names are bound to."""
        return Scopes(self.tree, self._parents, globals_="global" in self.text)

    @cached_property
    def _outermost(self) -> frozenset[ast.stmt]:
        return frozenset(self.tree.body)

    # ---------------------------------------------------------------- places

    def parent(self, node: ast.AST) -> ast.AST:
        """The node that holds it; the module holds itself."""
        return self._parents.of(node) or self.tree

    def offset(self, line: int, column: int) -> int:
        """Where a place lies in the text; both count from 1."""
        start = self._starts[min(line, len(self._starts)) - 1]
        return min(start + column - 1, len(self.text))

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset into the text."""
        from bisect import bisect_right

        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def range(self, node: Located) -> tuple[int, int]:
        """Where a node begins and ends in the text."""
        span = self.source.span(node)
        return self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)

    def line_start(self, line: int) -> int:
        """Offset at which a line begins; the end of the text behind the last one."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.source.line(number)

    @property
    def line_count(self) -> int:
        """How many lines there are; text that ends with a line end has an empty one behind it."""
        return len(self._starts)

    def on(self, line: int) -> list[ast.expr | ast.ExceptHandler]:
        """The nodes that begin on a line, the outer ones first."""
        return self._parents.on(line)

    def at(self, span: Span) -> Iterator[ast.expr | ast.ExceptHandler]:
        """The nodes that stand exactly there, the outermost first."""
        if span.line not in self._by_span:
            # Once a line, not once a finding: a table in one line may hold thousands of both.
            self._by_span[span.line] = self._spans(self._parents.on(span.line))
        if span not in self._by_span[span.line] and span.line not in self._read_whole:
            self._read_whole.add(span.line)
            self._by_span[span.line] = self._spans(self._parents.anywhere(span.line))
        for node in self._by_span[span.line].get(span, ()):
            if self._is_there(node):
                yield node

    def _spans(
        self, nodes: Iterable[ast.expr | ast.ExceptHandler]
    ) -> dict[Span, list[ast.expr | ast.ExceptHandler]]:
        found: dict[Span, list[ast.expr | ast.ExceptHandler]] = {}
        for node in nodes:
            found.setdefault(self.source.span(node), []).append(node)
        return found

    def _is_there(self, node: Located) -> bool:
        """Whether the text there is what the tree says: in an f-string, 3.11 may be mistaken."""
        if not any(isinstance(parent, ast.JoinedStr) for parent, _ in self.scopes.ancestors(node)):
            return True
        start, end = self.range(node)
        try:
            read = ast.parse(f"({self.text[start:end]})", mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.dump(read) == ast.dump(node)

    def commented(self, start: int, end: int) -> bool:
        """Whether a comment may lie in a piece of code; a `#` in a string counts as one too."""
        return "#" in self.text[start:end]

    def joins(self, offset: int) -> bool:
        """Whether a word that is put here would grow together with the one before it."""
        before = self.text[offset - 1 : offset]
        return before.isidentifier() or before.isdigit()

    # ---------------------------------------------------------------- names

    def dotted(self, node: ast.AST) -> tuple[ast.Name, tuple[str, ...]] | None:
        """`a.b.c` as its first name and the attributes behind it."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        return (node, tuple(reversed(attributes))) if isinstance(node, ast.Name) else None

    def means(self, node: ast.AST, qualified: str) -> bool:
        """Whether a dotted name is an imported one, and for all that is seen here the one meant.

        What a module of the project re-exports is believed: the finding says what it is.
        """
        found = self.dotted(node)
        if found is None:
            return False
        root, attributes = found
        bindings = self.scopes.bindings(root.id, root)
        if not bindings:
            if not attributes and qualified == f"builtins.{root.id}":
                return True
            return self.scopes.stars and not _is_builtin(root.id)
        return all(
            binding.qualified != "" and _may_be(binding.qualified, attributes, qualified)
            for binding in bindings
        )

    def is_builtin(self, name: str, node: ast.AST) -> bool:
        """Whether a builtin of this name is what the name means at a place."""
        return not self.scopes.bindings(name, node)

    def spelled(self, package: str, name: str, node: ast.AST) -> Spelling | None:
        """How `package.name` is written at a place: as the file does already, or else in full.

        None when the package's name means something else there.
        """
        module_wide = self.scopes.binds(self.tree)
        by_module: str | None = None
        for bound, bindings in module_wide.items():
            if len({binding.qualified for binding in bindings}) != 1:
                continue
            binding = bindings[0]
            if not self._is_usable(binding, node):
                continue
            if binding.qualified == f"{package}.{name}":
                return Spelling(bound)
            if binding.qualified == package and by_module is None:
                by_module = bound
        if by_module is not None:
            return Spelling(f"{by_module}.{name}")
        if self._means_nothing_else(package, node):
            return Spelling(f"{package}.{name}", package)
        return None

    def _means_nothing_else(self, package: str, node: ast.AST) -> bool:
        """Whether an import of the package at the top of the module is what its name means here."""
        return all(binding.qualified == package for binding in self.scopes.bindings(package, node))

    def _is_usable(self, binding: Binding, node: ast.AST) -> bool:
        """Whether what an import binds is what the name means at a place, and is there by then."""
        if not isinstance(binding.node, ast.Import | ast.ImportFrom):
            return False
        if binding.node not in self._outermost:
            return False  # under `try` or `if TYPE_CHECKING` it may not have happened
        found = self.scopes.bindings(binding.name, node)
        if not found or any(each.node is not binding.node for each in found):
            return False
        line = getattr(node, "lineno", 0)
        return binding.node.lineno < line or self.scopes.is_deferred(node)

    def assigned_calls(self, qualified: str) -> Iterator[tuple[str, ast.Assign]]:
        """Names that the module binds once, to what a call of an imported function gives."""
        for statement in self.tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                    once = len(self.scopes.binds(self.tree).get(name, ())) == 1
                    if once and self._is_exactly(function, qualified):
                        yield name, statement
                case _:
                    pass

    def _is_exactly(self, node: ast.AST, qualified: str) -> bool:
        found = self.dotted(node)
        if found is None:
            return False
        root, attributes = found
        bindings = self.scopes.bindings(root.id, root)
        return bool(bindings) and all(
            ".".join((binding.qualified, *attributes)) == qualified for binding in bindings
        )

    def names(self) -> Iterable[ast.Name]:
        """All names that the module reads or binds."""
        return (node for node in self.nodes if isinstance(node, ast.Name))


def _may_be(imported: str, attributes: tuple[str, ...], qualified: str) -> bool:
    if ".".join((imported, *attributes)) == qualified:
        return True
    # A name of the standard library is what it says; `from app.compat import now` is believed.
    return imported.startswith(".") or not _is_stdlib(imported)


def _is_stdlib(qualified: str) -> bool:
    import sys

    return qualified.partition(".")[0] in sys.stdlib_module_names


def _is_builtin(name: str) -> bool:
    import builtins

    return hasattr(builtins, name)
