"""Patterns of `case` as those of ast. Invariant: a name that is bound is no name that is read."""

import ast
from typing import Any

import libcst as cst

from durable_lint.lowering.expressions import CONSTANTS
from durable_lint.lowering.strings import Strings

__all__ = ["Patterns"]


class Patterns(Strings):
    """What a `match` holds against its subject."""

    def pattern(self, node: Any) -> Any:
        new = getattr(self, f"_{type(node).__name__}")(node)
        if not hasattr(new, "lineno"):
            self.at(new, self.range(node))
        return new

    def _MatchValue(self, node: cst.MatchValue) -> Any:
        value = self.expression(node.value)
        return self.at(ast.MatchValue(value), self.range(node.value))

    def _MatchSingleton(self, node: cst.MatchSingleton) -> Any:
        new = ast.MatchSingleton(CONSTANTS[node.value.value])
        return self.at(new, self.range(node.value))

    def _MatchList(self, node: cst.MatchList) -> Any:
        new = ast.MatchSequence([self.element_pattern(each) for each in node.patterns])
        if node.lbracket is None or node.rbracket is None:
            start, end = self.range(node)
            return self.at(new, (start, self.trimmed(end)))
        return self.at(new, (self.range(node.lbracket)[0], self.range(node.rbracket)[1]))

    def _MatchTuple(self, node: cst.MatchTuple) -> Any:
        new = ast.MatchSequence([self.element_pattern(each) for each in node.patterns])
        return self.at(new, self.own(node))

    def element_pattern(self, node: Any) -> Any:
        if isinstance(node, cst.MatchStar):
            name = None if node.name is None or node.name.value == "_" else node.name.value
            (line, column), end = self.range(node)
            if node.name is not None:
                end = self.range(node.name)[1]
            else:  # `*_`: libcst has no node for the underscore
                end = self.found("_", (line, column), end)
            return self.at(ast.MatchStar(name), ((line, column), end))
        return self.pattern(node.value)

    def _MatchMapping(self, node: cst.MatchMapping) -> Any:
        return ast.MatchMapping(
            [self.expression(each.key) for each in node.elements],
            [self.pattern(each.pattern) for each in node.elements],
            None if node.rest is None else node.rest.value,
        )

    def _MatchClass(self, node: cst.MatchClass) -> Any:
        return ast.MatchClass(
            self.expression(node.cls),
            [self.pattern(each.value) for each in node.patterns],
            [each.key.value for each in node.kwds],
            [self.pattern(each.pattern) for each in node.kwds],
        )

    def _MatchAs(self, node: cst.MatchAs) -> Any:
        pattern = None if node.pattern is None else self.pattern(node.pattern)
        name = None if node.name is None or node.name.value == "_" else node.name.value
        return ast.MatchAs(pattern, name)

    def _MatchOr(self, node: cst.MatchOr) -> Any:
        return ast.MatchOr([self.pattern(each.pattern) for each in node.patterns])
