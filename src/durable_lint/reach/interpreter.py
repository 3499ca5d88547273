"""An interpreter reads one function from its first statement to its last."""

from __future__ import annotations

import ast

from durable_lint.reach.annotations import promised
from durable_lint.reach.keepsakes import is_unseeded
from durable_lint.reach.observations import CachedFunction, How
from durable_lint.reach.scopes import ClassScope
from durable_lint.reach.statements import Statements
from durable_lint.reach.values import (
    DEFAULT,
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Instance,
    Object,
    Value,
    join,
    members_of,
)

__all__ = ["Interpreter"]

CACHES = frozenset(
    {
        "functools.lru_cache",
        "functools.cache",
        "functools.cached_property",
        "cachetools.cached",
        "cachetools.func.ttl_cache",
        "cachetools.func.lru_cache",
        "async_lru.alru_cache",
        "aiocache.cached",
    }
)
MUTABLE = frozenset(
    {
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "collections.defaultdict",
        "collections.deque",
    }
)


class Interpreter(Statements):
    """All layers together."""

    def scope_of_annotations(self) -> ClassScope | None:
        return self.cls if self.function is None else super().scope_of_annotations()

    def run(self) -> None:
        """Read the body."""
        function = self.function
        assert function is not None
        self._parameters()
        self._cached()
        node = function.node
        if isinstance(node, ast.Lambda):
            value = self.settle_argument(self.evaluate(node.body))
            self.consume(value)
            self.facts.returns = value
            return
        if self.execute(node.body):
            self.facts.returns = join(self.facts.returns, Constant(None, "NoneType"))
        self.report_taken()

    def _cached(self) -> None:
        assert self.function is not None
        for decorator in self.function.decorators:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = self.analysis.evaluate_quietly(inner, self.module, self.function.cls)
            if type(value) is not External:
                continue
            self._wrapped(value.name, decorator)
            if value.name in CACHES - {"functools.cached_property"}:
                self.observe(
                    CachedFunction(
                        place=self.place(decorator),
                        dialect=self.dialect,
                        in_async=self.is_async,
                        function=self.function.qualname,
                        decorator=value.name,
                    )
                )

    def _wrapped(self, name: str, decorator: ast.expr) -> None:
        """A library's decorator that sleeps, or goes to a thread, at each call of the function."""
        entry = self.vocabulary.name(name)
        if entry is None or entry.category not in {"blocking_sleep", "threading"}:
            return
        if entry.category == "threading" or not self.is_async:
            self.use(name, entry, How.CALL, decorator)

    # ------------------------------------------------------------ parameters

    def _parameters(self) -> None:
        function = self.function
        assert function is not None
        arguments = function.node.args
        places = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(places) - len(arguments.defaults))
        defaults.extend(arguments.defaults)
        own = self._receives(places)
        for place, (argument, default) in enumerate(zip(places, defaults, strict=True)):
            if place == 0 and own is not None:
                self.env[argument.arg] = own
                continue
            self.env[argument.arg] = self._parameter(argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            self.env[argument.arg] = self._parameter(argument, default)
        if arguments.vararg is not None:
            rest = self.given.get("*")
            self.env[arguments.vararg.arg] = self.analysis.rest(function) if rest is None else rest
        if arguments.kwarg is not None:
            self.env[arguments.kwarg.arg] = self.analysis.named_rest(function, self.given)

    def _receives(self, places: list[ast.arg]) -> Value | None:
        """What the first parameter of a method is."""
        function = self.function
        assert function is not None
        if function.cls is None or not places:
            return None
        kind = self.analysis.decorated(function)[0]
        if kind == "static" and function.name != "__new__":
            return None
        if kind == "class" or function.name == "__new__":
            if isinstance(self.receiver, Class):
                return self.receiver
            scope = self.receiver.scope if isinstance(self.receiver, Object) else function.cls
            return Class(scope)
        if self.receiver is None:
            self.receiver = Object(function.cls, exact=False)
        return self.receiver

    def _parameter(self, argument: ast.arg, default: ast.expr | None) -> Value:
        function = self.function
        assert function is not None
        known = self.given.get(argument.arg)
        if known is not None:
            return known
        given = self.analysis.parameter(function, argument.arg)
        annotated = self.analysis.annotation(argument.annotation, self.module, function.cls)
        context = self._context_parameter(argument)
        if context is not None:
            return context
        value = given
        if (
            default is not None
            and not isinstance(default, ast.Constant)
            and self.analysis.takes_default(function, argument.arg)
        ):
            value = join(value, self._default(argument, default))
        if (
            all(isinstance(part, Constant) for part in members_of(value))
            and annotated is not UNKNOWN
        ):
            return annotated if value is NOTHING else join(annotated, value)
        return promised(value, annotated)

    def _default(self, argument: ast.arg, default: ast.expr) -> Value:
        """What a parameter is that a call does not give."""
        held = self.closure.get(f"{DEFAULT}{argument.arg}")
        if held is not None:
            return held
        parent = self.function.parent if self.function is not None else None
        if isinstance(default, ast.Name):
            while parent is not None:
                if default.id in parent.scan.bound:
                    return UNKNOWN
                parent = parent.parent
        return self._mutable_default(argument, default)

    def _mutable_default(self, argument: ast.arg, default: ast.expr) -> Value:
        """A list that is a default is one for all calls: state, like a module's."""
        function = self.function
        value = self.analysis.evaluate_quietly(
            default, self.module, function.cls if function else None
        )
        if (
            type(value) is not Instance
            or not (value.cls in MUTABLE or is_unseeded(value))
            or not isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call)
        ):
            return value
        name = function.qualname if function else ""
        return Instance(
            value.cls, value.items, None, f"{self.module.dotted}.{name}({argument.arg})"
        )

    def _context_parameter(self, argument: ast.arg) -> Value | None:
        """The context object of a generator orchestrator."""
        if "durabletask" not in self.analysis.options.dialects or argument.arg not in {
            "context",
            "ctx",
        }:
            return None
        return Instance("durabletask.task.OrchestrationContext")
