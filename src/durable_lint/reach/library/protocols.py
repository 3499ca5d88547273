"""Functions that ask their argument by a special method, or for a part of it."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.iteration import is_set
from durable_lint.reach.library.handler import Handler
from durable_lint.reach.scopes import ClassScope
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Instance,
    ModuleValue,
    Object,
    Super,
    Value,
    join,
    members_of,
)

__all__ = ["PROTOCOLS"]


# What begins with less is no family of names.
SHORTEST_PREFIX: Final = 2


def _getattr(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    holder, name = given.positional[:2]
    found: Value = UNKNOWN
    if type(name) is Constant and isinstance(name.value, str):
        found = frame.attribute(holder, name.value, node)
    elif len(node.args) >= 2:
        found = _named_alike(frame, holder, _prefix_of(node.args[1]), node)
    return found if len(given.positional) < 3 else join(found, given.positional[2])


def _prefix_of(node: ast.expr) -> str:
    """How a name begins that is put together: `f"visit_{kind}"`, `"visit_" + kind`."""
    match node:
        case ast.JoinedStr([ast.Constant(str() as prefix), *_]):
            return prefix
        case ast.BinOp(ast.Constant(str() as prefix), ast.Add()):
            return prefix
        case ast.BinOp(ast.Constant(str() as text), ast.Mod()):
            return text.partition("%")[0]
        case ast.Call(ast.Attribute(ast.Constant(str() as text), "format")):
            return text.partition("{")[0]
        case _:
            return ""


def _named_alike(frame: Handovers, holder: Value, prefix: str, node: ast.Call) -> Value:
    """The methods of an object, or functions of a module, whose names begin so."""
    if len(prefix) < SHORTEST_PREFIX:
        return UNKNOWN
    joined: Value = NOTHING
    for part in members_of(holder):
        names: dict[str, None] = {}
        if isinstance(part, Object | Class):
            for owner in frame.analysis.mro(part.scope):
                if isinstance(owner, ClassScope):
                    names |= dict.fromkeys(owner.bindings)
        elif type(part) is ModuleValue:
            names |= dict.fromkeys(part.module.bindings)
        for name in names:
            if name.startswith(prefix):
                joined = join(joined, frame.attribute(part, name, node))
    return UNKNOWN if joined is NOTHING else joined


def _type(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del node
    match given.positional:
        case (Object(scope),):
            return Class(scope)
        case (Instance(cls, _),):
            return External(cls)
        case _:
            return UNKNOWN


def _super(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del given, node
    function = frame.function
    while function is not None and function.cls is None:
        function = function.parent
    receiver = frame.receiver
    if function is None or function.cls is None:
        return UNKNOWN
    if receiver is None:
        receiver = frame.closure.get("self") or Object(function.cls, exact=False)
    return Super(function.cls, receiver)


def _stringify(name: str) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        value = frame.first(given)
        if (
            type(value) is Object
            and frame.dunder(value, name, Given(), node) is None
            and name != "__repr__"
        ):
            frame.dunder(value, "__repr__", Given(), node)
        frame.consume(value)
        if is_set(value):
            frame.confirm(frame.disorder_of(value, frame.first_node(node), name.strip("_")))
        return Instance("builtins.str")

    return handler


def _special(result: str | None, *names: str) -> Handler:
    """A builtin that asks its argument by a special method; the first that there is is called."""

    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        for part in members_of(frame.first(given)):
            for name in names:
                made = frame.dunder(part, name, Given(given.positional[1:]), node)
                if made is not None:
                    if result is None:
                        return made
                    break
        return UNKNOWN if result is None else Instance(result)

    return handler


def _len(frame: Handovers, given: Given, node: ast.Call) -> Value:
    for part in members_of(frame.first(given)):
        frame.dunder(part, "__len__", Given(), node)
    return Instance("builtins.int")


def _new(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """`object.__new__(cls)` makes an object without its constructor."""
    del node
    match frame.first(given):
        case Class(scope):
            frame.facts.made.add(scope)
            return Object(scope)
        case _:
            return UNKNOWN


PROTOCOLS: Final[dict[str, Handler]] = {
    "builtins.object.__new__": _new,
    "builtins.len": _len,
    "builtins.abs": _special(None, "__abs__"),
    "builtins.round": _special(None, "__round__"),
    "builtins.int": _special("builtins.int", "__int__", "__index__", "__trunc__"),
    "builtins.float": _special("builtins.float", "__float__", "__index__"),
    "builtins.complex": _special("builtins.complex", "__complex__", "__float__"),
    "builtins.bool": _special("builtins.bool", "__bool__", "__len__"),
    "builtins.bytes": _special("builtins.bytes", "__bytes__"),
    "builtins.hash": _special("builtins.int", "__hash__"),
    "builtins.divmod": _special(None, "__divmod__"),
    "builtins.pow": _special(None, "__pow__"),
    "builtins.dir": _special("builtins.list", "__dir__"),
    "operator.index": _special("builtins.int", "__index__"),
    "math.floor": _special("builtins.int", "__floor__", "__float__"),
    "math.ceil": _special("builtins.int", "__ceil__", "__float__"),
    "math.trunc": _special("builtins.int", "__trunc__"),
    "builtins.getattr": _getattr,
    "builtins.type": _type,
    "builtins.super": _super,
    "builtins.str": _stringify("__str__"),
    "builtins.repr": _stringify("__repr__"),
    "builtins.format": _stringify("__format__"),
}
