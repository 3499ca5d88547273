"""A parameter is whatever any call gives it; functions among the arguments are told apart by call.

Invariant: what a parameter may be only grows, and the function is read again when that matters.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from durable_lint.reach.attributes import Attributes
from durable_lint.reach.facts import Given, Key
from durable_lint.reach.iteration import without_disorder
from durable_lint.reach.scopes import Function
from durable_lint.reach.shapes import defaults_of
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
    Partial,
    Value,
    join,
    limited,
    members_of,
)

__all__ = ["Parameters"]

# How deep functions hang on functions in an argument that is told apart.
DEEPEST_CONTEXT: Final = 4
# Arguments of `*args` are told apart up to this many.
MOST_PLACES: Final = 12
# In how many ways one function is read, by what it is given to call.
MOST_CONTEXTS: Final = 300
CALLABLES: Final = (Func, Bound, Definition, Partial, External, Class)
# Stands for the calls of a function, and before the name of a parameter for those without it.
CALLED: Final = "="
PLAIN: Final = frozenset({"str", "bytes", "int", "float"})
# Values of these classes have no methods that anybody would report, nor hold any.
HARMLESS: Final = frozenset(
    {
        *("builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.bool"),
        *("datetime.datetime", "datetime.timedelta", "datetime.date", "decimal.Decimal"),
        *("uuid.UUID", "builtins.complex"),
    }
)


class Parameters(Attributes):
    """What functions are given."""

    def _start(self) -> None:
        super()._start()
        self._keys: dict[Function, set[Key]] = {}
        self._parameters: dict[tuple[Function, str], Value] = {}
        # The parameters whose defaults may count.
        self._optional: dict[Function, list[str]] = {}
        # The names of what `**kwargs` was given.
        self._named_rest: dict[Function, dict[str, None]] = {}

    def contribute(self, function: Function, receiver: Value | None, given: Given) -> None:
        """Values flow into a function's parameters."""
        if self._frozen:
            return
        arguments = function.node.args
        names = _places(function, receiver)
        grown = False
        for place, value in enumerate(given.positional):
            if place < len(names):
                grown |= self._flow(function, names[place], value)
            elif arguments.vararg is not None:
                grown |= self._flow(function, "*", value)
                if not given.starred:
                    grown |= self._flow(function, f"*{place - len(names)}", value)
        known = (
            {*names, *(argument.arg for argument in arguments.kwonlyargs)} if given.keywords else ()
        )
        for name, value in given.keywords:
            if name in known:
                grown |= self._flow(function, name, value)
            elif arguments.kwarg is not None:
                grown |= self._flow(function, "**", value)
                grown |= self._flow(function, f"**{name}", value)
                self._named_rest.setdefault(function, {})[name] = None
        if grown | self._leave_out(function, names, given):
            self._dirty |= self._keys.get(function, set())

    def _leave_out(self, function: Function, names: list[str], given: Given) -> bool:
        """Note for which parameters a call leaves it at the default; whether that is new."""
        optional = self._optional.get(function)
        if optional is None:
            optional = self._optional[function] = [name for name, _ in defaults_of(function)]
        if not optional:
            return False
        told = {*names[: len(given.positional)], *(name for name, _ in given.keywords)}
        grown = self._flow(function, CALLED, UNKNOWN)
        for name in optional:
            if name not in told:
                grown |= self._flow(function, f"{CALLED}{name}", UNKNOWN)
        return grown

    def takes_default(self, function: Function, name: str) -> bool:
        """Whether a call leaves it at a parameter's default: as long as none is known, one may."""
        return (
            self.parameter(function, CALLED) is NOTHING
            or self.parameter(function, f"{CALLED}{name}") is not NOTHING
        )

    def _flow(self, function: Function, name: str, value: Value) -> bool:
        """A parameter may be this as well; whether that may change what is found."""
        before = self._parameters.get((function, name), NOTHING)
        if type(value) is Constant and value.kind in PLAIN and before is not NOTHING:
            # Which text or number it is says nothing; a first one alone is kept for `getattr`.
            value = Instance(f"builtins.{value.kind}")
        after = join(before, without_disorder(value))
        if after == before:
            return False
        self._parameters[function, name] = after
        return before is NOTHING or not _adds_nothing(before, after)

    def parameter(self, function: Function, name: str) -> Value:
        """What a parameter was given so far; `*` and `**` are the rest."""
        return self._parameters.get((function, name), NOTHING)

    def rest(self, function: Function) -> Value:
        """What `*args` was given so far: by place, where all calls say at which."""
        every = self.parameter(function, "*")
        if every is NOTHING:
            return Instance("builtins.list", (UNKNOWN,))
        places: list[Value] = []
        while (function, f"*{len(places)}") in self._parameters and len(places) < MOST_PLACES:
            places.append(self._parameters[function, f"*{len(places)}"])
        placed = {part for place in places for part in members_of(place)}
        if all(part in placed for part in members_of(every)):
            return Instance("builtins.tuple", tuple(places))
        return Instance("builtins.list", (every,))

    def named_rest(self, function: Function, told: Mapping[str, Value]) -> Value:
        """What `**kwargs` was given so far. told: functions that this call gives, by parameter."""
        every = self.parameter(function, "**")
        own = {argument.arg for argument in _all_arguments(function)}
        entries = {
            name: self.parameter(function, f"**{name}")
            for name in self._named_rest.get(function, ())
        }
        entries.update((name, value) for name, value in told.items() if name not in own)
        return Instance(
            "builtins.dict",
            (Instance("builtins.str"), UNKNOWN if every is NOTHING else every),
            entries=tuple(
                (Constant(name, "str"), _flat(value))
                for name, value in sorted(entries.items())
                if value is not NOTHING and not name.startswith("*")
            ),
        )

    def callables(
        self, function: Function, receiver: Value | None, given: Given
    ) -> tuple[tuple[str, Value], ...]:
        """The functions and classes among the arguments of a call, by parameter."""
        names = _places(function, receiver)
        if len(self._keys.get(function, ())) >= MOST_CONTEXTS:
            return ()
        found: list[tuple[str, Value]] = [
            (name, value)
            for name, value in (*zip(names, given.positional, strict=False), *given.keywords)
            if isinstance(value, CALLABLES)
            and _depth_of(value) <= DEEPEST_CONTEXT
            and self._is_worth_telling_apart(value)
        ]
        rest = given.positional[len(names) :]
        if (
            function.node.args.vararg is not None
            and rest
            and not given.starred
            and all(
                isinstance(value, CALLABLES) and _depth_of(value) < DEEPEST_CONTEXT
                for value in rest
            )
        ):
            found.append(("*", Instance("builtins.tuple", rest)))
        return tuple(sorted(found, key=lambda item: item[0]))

    def _is_worth_telling_apart(self, value: Value) -> bool:
        """Whether it makes a difference which function it is: of a library, when it may count."""
        return type(value) is not External or self.vocabulary.name(value.name) is not None


def _places(function: Function, receiver: Value | None) -> list[str]:
    """The parameters that are given by place; a receiver is there already."""
    arguments = function.node.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    return names[1:] if receiver is not None and function.cls is not None else names


def _all_arguments(function: Function) -> list[ast.arg]:
    arguments = function.node.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _flat(value: Value) -> Value:
    """A value without what is told apart within it: what is handed on and on must not grow."""
    if type(value) is Instance and value.entries:
        return Instance(value.cls, value.items, value.disorder, value.state)
    return limited(value)


def _depth_of(value: Value) -> int:
    """How deep functions hang on functions in a value."""
    match value:
        case Func(_, closure):
            return 1 + max((_depth_of(item) for _, item in closure), default=0)
        case Bound(func, _):
            return _depth_of(func)
        case Definition(_, _, target):
            return _depth_of(target)
        case Partial(of, given, _):
            return 1 + max((_depth_of(item) for item in (of, *given)), default=0)
        case _:
            return 0


def _adds_nothing(before: Value, after: Value) -> bool:
    """Whether what a parameter may be as well can change nothing of what is found."""
    known = set(members_of(before))
    return all(
        part is UNKNOWN
        or type(part) is Constant
        or (type(part) is Instance and part.cls in HARMLESS)
        for part in members_of(after)
        if part not in known
    )
