"""Functions that give back what they were given, or something that stands for it."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.library.handler import Handler
from durable_lint.reach.values import (
    UNKNOWN,
    Bound,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Marker,
    Partial,
    Value,
    copied,
)

__all__ = ["WRAPPERS", "given_back"]


def _partial(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        return UNKNOWN
    nodes = dict(enumerate(node.args))
    told = [
        frame.tell(value, nodes.get(place, node)) for place, value in enumerate(given.positional)
    ]
    return Partial(told[0], tuple(told[1:]), given.keywords)


def _identity_marker(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del frame, given, node
    return Marker("identity")


def given_back(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """Of functions that give back what they were given first, or a copy with a change."""
    del node
    return frame.first(given)


def _copy(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del node
    return copied(frame.first(given))


def _second(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if len(node.args) < 2:
        return UNKNOWN
    known = frame.analysis.annotation(node.args[0], frame.module, frame.scope_of_annotations())
    return given.positional[1] if known is UNKNOWN else known


def _context(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del node
    return Instance("context", (frame.first(given),))


def _contextmanager(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del node
    if given.positional and isinstance(given.positional[0], Func | Bound):
        return Instance("contextfactory", (given.positional[0],))
    return frame.first(given)


def _cached(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del frame, node
    if given.positional and isinstance(given.positional[0], Func | Bound | Partial | Class):
        return given.positional[0]
    return Marker("identity")


def _getter(name: str) -> Handler:
    """Of functions that make one which asks its argument: `methodcaller("refresh")`."""

    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        del frame, node
        return Partial(External(name), given.positional, given.keywords)

    return handler


def _call_method(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """What `methodcaller(name, ...)` made is called with an object."""
    if len(given.positional) < 2:
        return UNKNOWN
    name, *arguments, asked = given.positional
    if type(name) is not Constant or not isinstance(name.value, str):
        return UNKNOWN
    method = frame.attribute(asked, name.value, node)
    return frame.call_back(method, Given(tuple(arguments), given.keywords), node)


def _get_attributes(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """What `attrgetter(name, ...)` made is called with an object."""
    if len(given.positional) < 2:
        return UNKNOWN
    *names, asked = given.positional
    found = [_dotted(frame, asked, name, node) for name in names]
    return found[0] if len(found) == 1 else Instance("builtins.tuple", tuple(found))


def _dotted(frame: Handovers, asked: Value, name: Value, node: ast.Call) -> Value:
    if type(name) is not Constant or not isinstance(name.value, str):
        return UNKNOWN
    for part in name.value.split("."):
        asked = frame.attribute(asked, part, node)
    return frame.settle(asked)


WRAPPERS: Final[dict[str, Handler]] = {
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.wraps": _identity_marker,
    "functools.update_wrapper": given_back,
    "functools.lru_cache": _cached,
    "functools.cache": _cached,
    "functools.singledispatch": given_back,
    "functools.singledispatchmethod": given_back,
    "functools.total_ordering": given_back,
    "abc.abstractmethod": given_back,
    "typing.override": given_back,
    "typing.final": given_back,
    "typing.overload": given_back,
    "typing.no_type_check": given_back,
    "typing.cast": _second,
    "typing_extensions.override": given_back,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "dataclasses.replace": given_back,
    "attrs.evolve": given_back,
    "attr.evolve": given_back,
    "builtins.staticmethod": given_back,
    "operator.methodcaller": _getter("operator.methodcaller()"),
    "operator.methodcaller()": _call_method,
    "operator.attrgetter": _getter("operator.attrgetter()"),
    "operator.attrgetter()": _get_attributes,
    "types.MappingProxyType": given_back,
    "contextlib.contextmanager": _contextmanager,
    "contextlib.asynccontextmanager": _contextmanager,
    "contextlib.nullcontext": _context,
    "contextlib.closing": _context,
    "contextlib.aclosing": _context,
}
