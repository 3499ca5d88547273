"""A call of the project's functions reaches them; what is given flows into their parameters."""

from __future__ import annotations

import ast

import attrs

from durable_lint.reach.facts import Given, Key
from durable_lint.reach.foreign_calls import ForeignCalls
from durable_lint.reach.observations import How, Pending
from durable_lint.reach.scopes import ClassScope, Function
from durable_lint.reach.uses import arguments_of
from durable_lint.reach.values import (
    UNKNOWN,
    Class,
    External,
    Func,
    Instance,
    Object,
    Pend,
    Union,
    Value,
)

__all__ = ["OwnCalls"]


class OwnCalls(ForeignCalls):
    """Calls of functions and classes of the project."""

    def call_own(self, func: Func, receiver: Value | None, given: Given, node: ast.expr) -> Value:
        """Call a function of the project."""
        function = func.function
        if self.analysis.is_wall(function):
            self.escape_all(given, node)
            return UNKNOWN
        given = self.told(given, node)
        said = self.analysis.judged_by_settings(function)
        if said is not None:
            entry, name = said
            if entry is not None:
                self.use(name, entry, How.CALL, node, given)
            self.escape_all(given, node)
            return UNKNOWN
        self.analysis.contribute(function, receiver, given)
        context = self.analysis.callables(function, receiver, given)
        self.edge(func, receiver, node, context)
        for overload in self.analysis.dispatched(function):
            self.analysis.contribute(overload, receiver, given)
            self.edge(Func(overload), receiver, node)
        self.consume_given(given)
        return self.result_of(func, receiver, node, context)

    def result_of(
        self,
        func: Func,
        receiver: Value | None,
        node: ast.expr | None = None,
        context: tuple[tuple[str, Value], ...] = (),
    ) -> Value:
        function = func.function
        facts = self.analysis.facts(Key(function, receiver, func.closure, context))
        if facts.continues:
            self.facts.continues = True
        if facts.mutates and receiver is not None:
            if receiver is self.receiver:
                self.facts.mutates = True
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self.mutated_receiver(node.func.value)
        if facts.orders and not function.is_async and not function.scan.is_generator:
            self.ordered_by(function, facts.orders, node)
        value = self.analysis.result(function, facts)
        if node is not None:
            value = self._handed_back(value, function, node)
        if function.scan.is_generator:
            kind = "builtins.async_generator" if function.is_async else "builtins.generator"
            element = self.analysis.yielded(function, facts)
            # What `yield from` gives is what the generator returns.
            return Instance(kind, (element, value) if value is not UNKNOWN else (element,))
        if function.is_async:
            made = self.place(node) if node is not None else None
            if self.disorders:
                self.confirm_loops()
            return Pend(Pending.COROUTINE, function.name, value, "", made)
        return value

    def _handed_back(self, value: Value, function: Function, node: ast.expr) -> Value:
        """Whoever makes a call and gives it back has done with it: here it has to be awaited.

        What was made elsewhere, and came through the function, stays whose it is.
        """
        match value:
            case Pend() if value.made is not None and value.made.function is function:
                return attrs.evolve(value, made=self.place(node))
            case Union(parts) if any(type(part) is Pend for part in parts):
                return Union(tuple(self._handed_back(part, function, node) for part in parts))
            case _:
                return value

    def instantiate(self, scope: ClassScope, given: Given, node: ast.expr) -> Value:
        """Make an object: its constructor and what else runs at construction are reached."""
        made = Object(scope)
        if self.function is None:
            self.analysis.made_at_import(scope)
        else:
            self.facts.made.add(scope)
        given = self.told(given, node)
        self.consume_given(given)
        constructor = self.analysis.method(scope, "__init__")
        if constructor is not None:
            self.analysis.contribute(constructor, made, given)
            context = self.analysis.callables(constructor, made, given)
            self.edge(Func(constructor), made, node, context)
            self.analysis.facts(Key(constructor, made, (), context))
        else:
            self._fields(scope, given, node)
        for name in self.analysis.at_construction(scope):
            found = self.analysis.method(scope, name)
            if found is not None:
                self.edge(Func(found), made, node)
        called = self.analysis.metaclass_call(scope)
        if called is not None:
            self.edge(Func(called), Class(scope), node)
            self.analysis.facts(Key(called, Class(scope)))
        for owner in self.analysis.mro(scope):
            if type(owner) is External:
                self._construct_base(owner, given, node)
        return made

    def _construct_base(self, owner: External, given: Given, node: ast.expr) -> None:
        entry = self.vocabulary.name(owner.name)
        if entry is not None and not entry.attribute and entry.applies(arguments_of(given)):
            self.use(owner.name, entry, How.CALL, node, given)

    def _fields(self, scope: ClassScope, given: Given, node: ast.expr) -> None:
        """A data class binds its arguments to its fields."""
        names = self.analysis.fields(scope)
        told = dict(zip(self.analysis.places(scope), given.positional, strict=False))
        told.update((name, value) for name, value in given.keywords if name in names)
        for name, value in told.items():
            self.analysis.hold(scope, name, value)
        keywords = {name for name, _ in given.keywords}
        # `attrs` takes what is private by its name without the line below.
        left = {n for n in names if n not in told and n.lstrip("_") not in keywords}
        self.analysis.leave_out(scope, left)
        if self.quiet:
            return
        for owner in self.analysis.mro(scope):
            if not isinstance(owner, External):
                for key in self.analysis.construction(owner, left):
                    self.facts.edges.setdefault(key, getattr(node, "lineno", 1))
