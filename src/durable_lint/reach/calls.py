"""A call reaches what it calls, and is judged where its name stands.

What is given to a function of the project flows into its parameters; what is given to anything else
may be called by it, so functions among it are reached and reported where they are handed over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.gaps import filled
from durable_lint.reach.lading import PART
from durable_lint.reach.observations import (
    Pending,
)
from durable_lint.reach.own_calls import OwnCalls
from durable_lint.reach.uses import arguments_of, is_of_a_task, really_counts
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Class,
    Constant,
    Definition,
    External,
    Func,
    Instance,
    Made,
    Marker,
    Member,
    Object,
    Partial,
    Pend,
    Union,
    Value,
    join,
    members_of,
)
from durable_lint.vocabulary.entry import Entry
from durable_lint.vocabulary.order import ORDER_FREE

__all__ = ["Calls"]


OF_AWAITABLES: Final = frozenset(
    {"close", "send", "throw", "__await__", "add_done_callback", "cancel"}
)


def _named(value: Value) -> Iterator[tuple[str, Value]]:
    """The arguments that `**value` gives, as far as it is known which."""
    if type(value) is Instance:
        for key, held in value.entries:
            if type(key) is Constant and isinstance(key.value, str):
                yield key.value, held


# Methods of mappings and sets that take a key first.
OF_KEYS: Final = frozenset({"add", "discard", "get", "pop", "remove", "setdefault"})


class Calls(OwnCalls):
    """What calls do."""

    # ------------------------------------------------------------ the expression

    def call(self, node: ast.Call) -> Value:
        """Evaluate a call."""
        target_node = node.func
        if isinstance(target_node, ast.Attribute):
            receiver = self.evaluate(target_node.value)
            if type(receiver) is Pend:
                return self._on_pending(receiver, target_node, node)
            target = self.attribute(receiver, target_node.attr, target_node)
            if self.typist is not None:
                target = filled(self, self.typist, target, target_node)
            self.note_attribute(target, target_node)
            if target_node.attr in OF_KEYS and _is_keyed(receiver):
                self.compares(*node.args[:1])
            given = self._given(node, target)
            special = self.call_method(receiver, target_node, given, node)
            if special is not None:
                return special
        else:
            target = self.evaluate(target_node)
            given = self._given(node, target)
        if target is UNKNOWN and not self.quiet:
            self.note_unresolved(node)
        return self.invoke(target, given, node)

    def _given(self, node: ast.Call, target: Value) -> Given:
        positional: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        starred = False
        if type(target) is External and target.name == "durable_async.side_effect":
            return Given((UNKNOWN,) * len(node.args))
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                value = self.evaluate(argument.value)
                if type(value) is Instance and value.cls == "builtins.tuple":
                    positional.extend(value.items)
                else:
                    starred = True
                    self._starred(argument, value, target)
                    if positional or len(node.args) == 1:
                        positional.append(self.element(value, argument.value))
            else:
                positional.append(self.settle_argument(self.evaluate(argument)))
        for keyword in node.keywords:
            value = self.settle_argument(self.evaluate(keyword.value))
            if keyword.arg is None:
                starred = True
                keywords.extend(_named(value))
            else:
                keywords.append((keyword.arg, value))
        return Given(tuple(positional), tuple(keywords), starred)

    def _starred(self, argument: ast.Starred, value: Value, target: Value) -> None:
        """`f(*names)` takes the order of names, unless f minds none."""
        way = "unpacking"
        if type(target) is External and target.name in {"asyncio.gather", "asyncio.as_completed"}:
            way = target.name.rpartition(".")[2]
        elif type(target) is External and target.name in ORDER_FREE:
            return
        self.confirm(self.disorder_of(value, argument.value, way))

    def _on_pending(self, receiver: Pend, target: ast.Attribute, node: ast.Call) -> Value:
        """A method of what should have been awaited first."""
        for argument in node.args:
            self.evaluate(argument)
        if target.attr not in OF_AWAITABLES:
            of_a_task = is_of_a_task(target.attr)
            self.dropped(receiver, node, "as a value", of_a_task=of_a_task)
        return UNKNOWN

    # ------------------------------------------------------------ calling values

    def invoke(self, target: Value, given: Given, node: ast.expr) -> Value:
        match target:
            case External():
                return self.call_foreign(target, given, node)
            case Func():
                return self.call_own(target, None, given, node)
            case Bound(func, receiver):
                return self.call_own(func, receiver, given, node)
            case Class(scope):
                return self.instantiate(scope, given, node)
            case Member():
                return self.call_member(target, given, node)
            case Instance():
                return self._invoke_instance(target, given, node)
            case Object():
                return self._invoke_object(target, given, node)
            case Union(parts):
                value: Value = NOTHING
                for part in parts:
                    value = join(value, self.invoke(part, given, node))
                return value
            case _:
                return self._invoke_stand_in(target, given, node)

    def _invoke_stand_in(self, target: Value, given: Given, node: ast.expr) -> Value:
        """Call what stands for a function, or what nobody knows."""
        match target:
            case Partial(External("durable.options"), (definition,)):
                return definition
            case Partial(of, first, keywords):
                joined = Given(first + given.positional, keywords + given.keywords, given.starred)
                return self.invoke(of, joined, node)
            case Marker():
                return self._marked(target, given, node)
            case Definition():
                self.escape_all(given, node)
                return self.pend(target.kind, target.name, self._gives(target), node)
            case Made(by):
                self.hand_over(by, given, node)
                return UNKNOWN if by.endswith(PART) else target
            case _:
                self.escape_all(given, node)
                return UNKNOWN

    def _invoke_instance(self, target: Instance, given: Given, node: ast.expr) -> Value:
        match target:
            case Instance("contextfactory", (inner,)):
                return self._context_of(inner, given, node)
            case Instance("contextwrapped", (context, inner)):
                asynchronous = (
                    type(context) is Object
                    and self.analysis.method(context.scope, "__aenter__") is not None
                )
                self.enter(context, node, asynchronous=asynchronous)
                return self.invoke(inner, given, node)
            case _:
                return self.call_member(Member(target, "__call__"), given, node)

    def _invoke_object(self, target: Object, given: Given, node: ast.expr) -> Value:
        if target.state and isinstance(node, ast.Call):
            self.mutated_object(target, "__call__", node)
        made = self.dunder(target, "__call__", given, node)
        if made is not None:
            return made
        if given.positional and self.analysis.decorates(target.scope):
            return Instance("contextwrapped", (target, given.positional[0]))
        return UNKNOWN

    def _context_of(self, inner: Value, given: Given, node: ast.expr) -> Value:
        """What a function that `contextmanager` wraps gives."""
        made = self.invoke(inner, given, node)
        gives = made.items[0] if type(made) is Instance and made.items else UNKNOWN
        return Instance("context", (gives,))

    def _gives(self, target: Definition) -> Value:
        """What awaiting a call of an orchestrator or activity gives."""
        inner = target.target
        if isinstance(inner, Func | Bound):
            func = inner if isinstance(inner, Func) else inner.func
            return self.analysis.declared_result(func.function)
        return inner if isinstance(inner, Instance | Object) else UNKNOWN

    def _marked(self, target: Marker, given: Given, node: ast.expr) -> Value:
        """Call a decorator that was made by a call with arguments."""
        first = given.positional[0] if given.positional else UNKNOWN
        if target.what.startswith("define."):
            kind = Pending(target.what.removeprefix("define."))
            name = target.name
            if not name:
                inner = first.func if isinstance(first, Bound) else first
                name = inner.function.name if isinstance(inner, Func) else "?"
            return Definition(kind, name, first)
        if target.what == "identity":
            return first
        self.escape_all(given, node)
        return UNKNOWN

    def counts(self, target: External, node: ast.Call) -> Entry | None:
        """What the vocabulary says against a call, if it counts with these arguments."""
        entry = self.vocabulary.name(target.name)
        if entry is None or entry.attribute:
            return None
        given = self._given(node, target)
        applies = entry.applies(arguments_of(given)) and really_counts(target.name, given)
        return entry if applies else None


def _is_keyed(value: Value) -> bool:
    """Whether it is a mapping or a set."""
    return any(
        type(part) is Instance and part.cls in {"builtins.dict", "builtins.set"}
        for part in members_of(value)
    )
