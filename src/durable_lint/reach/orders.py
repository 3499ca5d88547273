"""What a function does in order can be seen outside of it: calling it for each of a set takes one.

Invariant: only what a function adds to others' collections, and what it asks the runtime for, goes
by the order of its calls. What it makes itself is its own affair, and so is what somebody sorts
afterwards.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from durable_lint.reach.iteration import Iteration
from durable_lint.reach.observations import Iterated
from durable_lint.reach.scopes import Function
from durable_lint.reach.shapes import sorted_places
from durable_lint.reach.values import Instance, Value, members_of

__all__ = ["LISTED", "OUTSIDE", "OWN", "Orders"]

# Methods that add to a collection in the order of their calls.
LISTED: Final = frozenset({"append", "appendleft", "extend", "extendleft", "insert"})
LISTS: Final = frozenset({"builtins.list", "collections.deque"})
# To whom a function does something, beside its parameters by their names.
OWN: Final = "*own"
OUTSIDE: Final = "*outside"


class Orders(Iteration):
    """Who is added to, and in which loops."""

    def ordered(self, node: ast.expr) -> None:
        """What an expression names is added to at its end."""
        whose = self._whose(node)
        if whose is not None:
            self.facts.orders.add(whose)
        if self.disorders and not self._is_sorted(node):
            self.confirm(self.order_of_rounds(node))

    def fed(self, node: ast.expr) -> None:
        """What an expression names was fed, or drawn from: a digest, a generator of numbers.

        What a call makes is a new one.
        """
        if _is_place(node) and not any(loop.names & _names_in(node) for loop in self.disorders):
            self.ordered(node)

    def commanded(self) -> None:
        """The runtime is asked for something."""
        self.facts.orders.add(OUTSIDE)

    def ordered_by(self, function: Function, orders: Iterable[str], node: ast.expr | None) -> None:
        """A function was called that does this in order."""
        for whose in sorted(orders):
            if whose == OUTSIDE:
                self.facts.orders.add(OUTSIDE)
                self.confirm_loops()
                continue
            at = _receiver_of(node) if whose == OWN else _argument(function, whose, node)
            if at is not None:
                self.ordered(at)

    def is_listed(self, value: Value) -> bool:
        """Whether a value keeps the order in which it was added to."""
        return any(type(part) is Instance and part.cls in LISTS for part in members_of(value))

    def _whose(self, node: ast.expr) -> str | None:
        """To whom belongs what an expression names; None of what is made in here."""
        root = _root_of(node)
        function = self.function
        if root is None or function is None:
            return None
        value = self.env.get(root)
        if value is None:
            return OUTSIDE
        if value is self.receiver and self.receiver is not None:
            return OWN
        return root if root in function.scan.parameters else None

    def order_of_rounds(self, node: ast.expr) -> Iterated | None:
        """The loop over a set whose rounds add to this, unless each round makes one for itself."""
        root = _root_of(node)
        for loop in reversed(self.disorders):
            if root is not None and root not in loop.names:
                return loop.seen
        return None

    # What is sorted somewhere in the function, as it is written.
    _sorted: frozenset[str] | None = None

    def _is_sorted(self, node: ast.expr) -> bool:
        if self._sorted is None:
            function = self.function
            self._sorted = frozenset() if function is None else sorted_places(function.node)
        return ast.unparse(node) in self._sorted


def _is_place(node: ast.expr) -> bool:
    """Whether an expression names something that is there already."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)


def _names_in(node: ast.expr) -> set[str]:
    """The names that an expression reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _root_of(node: ast.expr) -> str | None:
    """The name with which `a.b[c].setdefault(d, [])` begins."""
    while True:
        match node:
            case ast.Name(name):
                return name
            case ast.Attribute(inner) | ast.Subscript(inner) | ast.Call(ast.Attribute(inner)):
                node = inner
            case _:
                return None


def _receiver_of(node: ast.expr | None) -> ast.expr | None:
    match node:
        case ast.Call(ast.Attribute(receiver)):
            return receiver
        case _:
            return None


def _argument(function: Function, name: str, node: ast.expr | None) -> ast.expr | None:
    """The expression that a call gives for a parameter; None when that is not to be seen."""
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    arguments = function.node.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if function.cls is not None and isinstance(node.func, ast.Attribute):
        names = names[1:]
    if name not in names or any(isinstance(argument, ast.Starred) for argument in node.args):
        return None
    place = names.index(name)
    return node.args[place] if place < len(node.args) else None
