"""A value that is handed on is followed as far as anybody can tell, and given up where nobody can.

Invariant: a function of the project that is handed to code which nobody follows is reached, for
that code may call it.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.names import rendered
from durable_lint.reach.observations import Pending
from durable_lint.reach.uses import Uses
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Class,
    External,
    Func,
    Instance,
    Member,
    Object,
    Partial,
    Pend,
    Union,
    Value,
    join,
    members_of,
)
from durable_lint.vocabulary.elsewhere import runs_elsewhere

__all__ = ["Handovers"]

NOTHING_YET: Final = Given()


class Handovers(Uses):
    """What becomes of arguments."""

    def pend(
        self, kind: Pending, name: str, gives: Value, node: ast.expr, foreign: str = ""
    ) -> Pend:
        """A call that has to be awaited; made in a loop over a set, its order matters."""
        if not foreign:
            self.commanded()
            self.confirm_loops()
        return Pend(kind, name, gives, foreign, self.place(node))

    def first(self, given: Given) -> Value:
        """The first argument."""
        return given.positional[0] if given.positional else UNKNOWN

    def first_node(self, node: ast.Call) -> ast.expr:
        """Where the first argument stands."""
        return node.args[0] if node.args else node

    @abstractmethod
    def awaited(self, value: Value, node: ast.expr) -> Value:
        """What awaiting a value gives."""

    @abstractmethod
    def known(self, name: str, given: Given, node: ast.Call) -> Value | None:
        """What a call of a library's function gives, when its flow is known; else None."""

    def call_back(self, target: Value, given: Given, node: ast.expr) -> Value:
        """Somebody else calls this function with these arguments."""
        joined: Value = NOTHING
        for part in members_of(target):
            if isinstance(part, Func | Bound | Partial | Class | Object | Instance):
                joined = join(joined, self.invoke(part, given, node))
            else:
                self.escape(part, node)
        return UNKNOWN if joined is NOTHING else joined

    def escape_all(self, given: Given, node: ast.expr) -> None:
        """Arguments go where nobody follows them."""
        arguments = node.args if isinstance(node, ast.Call) else []
        for place, value in enumerate(given.positional):
            at = arguments[place] if place < len(arguments) else node
            self.escape(value, at.value if isinstance(at, ast.Starred) else at)
        if not given.keywords:
            return
        named = {k.arg: k.value for k in node.keywords} if isinstance(node, ast.Call) else {}
        for name, value in given.keywords:
            self.escape(value, named.get(name, node))

    def hand_over(self, name: str, given: Given, node: ast.expr) -> None:
        """Arguments go to a function of a library: functions among them it may call, or send on."""
        if runs_elsewhere(name):
            self.consume_given(given)
        else:
            self.escape_all(given, node)

    def escape(self, value: Value, node: ast.expr) -> None:
        """A value goes where nobody follows it: report and reach what it may do there."""
        match value:
            case External():
                self.reference(value, node)
            case Member():
                self.member_reference(value, node)
            case Func() | Bound():
                self._handed_on(value, node)
            case Partial(External("durable.options")):
                pass
            case Partial(Func() | Bound() as of, given, keywords):
                self._handed_on(of, node, Given(given, keywords))
                for item in given:
                    self.escape(item, node)
            case Partial(of, given, _):
                for item in (of, *given):
                    self.escape(item, node)
            case Instance():
                self._escape_instance(value, node)
            case Union(parts):
                for part in parts:
                    self.escape(part, node)
            case _:
                pass

    def _escape_instance(self, value: Instance, node: ast.expr) -> None:
        self.consume(value)
        if value.cls in {"builtins.dict", "builtins.list", "builtins.tuple", "builtins.set"}:
            for item in value.items:
                if isinstance(item, Func | Bound | Partial):
                    self.escape(item, node)

    def _handed_on(self, value: Func | Bound, node: ast.expr, given: Given = NOTHING_YET) -> None:
        """given: what is known of what it will be called with."""
        func, receiver = (value, None) if isinstance(value, Func) else (value.func, value.receiver)
        if self.analysis.is_wall(func.function):
            return
        self.analysis.contribute(func.function, receiver, given)
        self.edge(func, receiver, node)

    def settle_argument(self, value: Value) -> Value:
        """What is kept of a value that is read: what an attribute holds, a method as it is."""
        if type(value) is Member and self.vocabulary.is_attribute(rendered(value.of), value.path):
            return self.settle(value)
        return value

    def settled_await(self, value: Value, node: ast.expr) -> Value:
        """What a task made of this gives; it is awaited by whoever runs it."""
        joined: Value = NOTHING
        for part in members_of(value):
            joined = join(joined, self.awaited(part, node))
        return UNKNOWN if joined is NOTHING else joined

    def consume_given(self, given: Given) -> None:
        """Arguments go on in their order."""
        for value in given.positional:
            if type(value) is Instance:
                self.consume(value)
        for _, value in given.keywords:
            if type(value) is Instance:
                self.consume(value)
