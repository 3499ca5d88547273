"""Functions over iterables: what comes out, and whether in the order in which it went in.

Invariant: a function that gives its elements back in their order hands on where that came from; one
that does not mind the order forgets it.
"""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.library.handler import Handler
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Constant,
    External,
    Func,
    Instance,
    Partial,
    Value,
    join,
    members_of,
)

__all__ = ["ITERABLES", "join_text"]

# A future that was made directly, and not by the loop: it hashes by its address.
COUNTER: Final = "collections.Counter"


def _reversed(frame: Handovers, given: Given, node: ast.Call) -> Value:
    for part in members_of(frame.first(given)):
        made = frame.dunder(part, "__reversed__", Given(), node)
        if made is not None:
            return made
    return _ordered("builtins.iterator", "reversed")(frame, given, node)


def _ordered(cls: str, way: str) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        if not given.positional:
            return Instance(cls, (NOTHING,))
        source = given.positional[0]
        what = frame.first_node(node)
        element = frame.element(source, what)
        return Instance(cls, (element,), frame.disorder_of(source, what, way))

    return handler


def _sorted(frame: Handovers, given: Given, node: ast.Call) -> Value:
    element = frame.element(frame.first(given), frame.first_node(node))
    frame.forget_order(frame.first(given))
    for part in members_of(element):
        frame.dunder(part, "__lt__", Given((part,)), node)
    _key(frame, given, element, node)
    return Instance("builtins.list", (element,))


def _key(frame: Handovers, given: Given, element: Value, node: ast.Call) -> None:
    for name, value in given.keywords:
        if name == "key":
            frame.call_back(value, Given((element,)), node)


def _free(result: str | None) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        element: Value = UNKNOWN
        if given.positional:
            element = frame.element(given.positional[0], frame.first_node(node))
            frame.forget_order(given.positional[0])
        _key(frame, given, element, node)
        return element if result is None else Instance(result)

    return handler


def _setlike(cls: str) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        if not given.positional:
            return Instance(cls, (NOTHING,))
        source, what = given.positional[0], frame.first_node(node)
        frame.forget_order(source)
        # What counts keeps the order in which it met the elements.
        disorder = frame.disorder_of(source, what, "Counter") if cls == COUNTER else None
        return Instance(cls, (frame.element(source, what),), disorder)

    return handler


def _map(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        return UNKNOWN
    target, *sources = given.positional
    elements, disorder = [], None
    for place, source in enumerate(sources, 1):
        what = node.args[place] if place < len(node.args) else node
        elements.append(frame.element(source, what))
        disorder = disorder or frame.disorder_of(source, what, "map")
    result = frame.call_back(target, Given(tuple(elements)), node)
    return Instance("builtins.map", (result,), disorder)


def _filter(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    target, source = given.positional[:2]
    what = node.args[1] if len(node.args) > 1 else node
    element = frame.element(source, what)
    if not (type(target) is Constant and target.value is None):
        frame.call_back(target, Given((element,)), node)
    return Instance("builtins.filter", (element,), frame.disorder_of(source, what, "filter"))


def _zip(frame: Handovers, given: Given, node: ast.Call) -> Value:
    elements = []
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        elements.append(frame.element(source, what))
        # To pair by place is to use the order.
        frame.confirm(frame.disorder_of(source, what, "zip"))
    return Instance("builtins.zip", (Instance("builtins.tuple", tuple(elements)),))


def _enumerate(frame: Handovers, given: Given, node: ast.Call) -> Value:
    what = frame.first_node(node)
    element = Instance(
        "builtins.tuple", (Instance("builtins.int"), frame.element(frame.first(given), what))
    )
    # A number for each element is an order already.
    frame.confirm(frame.disorder_of(frame.first(given), what, "enumerate"))
    return Instance("builtins.enumerate", (element,))


def _next(frame: Handovers, given: Given, node: ast.Call) -> Value:
    source = frame.first(given)
    frame.consume(source)
    for part in members_of(source):
        if type(part) is Instance:
            frame.wrote(part.state, node, "next")
        else:
            made = frame.dunder(part, "__next__", Given(), node)
            if made is not None:
                return made
    return frame.element(source, frame.first_node(node))


def _reduce(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    what = node.args[1] if len(node.args) > 1 else node
    element = frame.element(given.positional[1], what)
    frame.confirm(frame.disorder_of(given.positional[1], what, "reduce"))
    return frame.call_back(given.positional[0], Given((UNKNOWN, element)), node)


def _dict(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        joined: Value = NOTHING
        for _, value in given.keywords:
            joined = join(joined, value)
        return Instance("builtins.dict", (Instance("builtins.str"), joined))
    source = given.positional[0]
    if type(source) is Instance and source.cls == "builtins.dict":
        return Instance("builtins.dict", source.items, source.disorder)
    pair = frame.element(source, frame.first_node(node))
    items = pair.items if type(pair) is Instance and len(pair.items) == 2 else (UNKNOWN, UNKNOWN)
    return Instance(
        "builtins.dict", items, frame.disorder_of(source, frame.first_node(node), "dict")
    )


def _fromkeys(frame: Handovers, given: Given, node: ast.Call) -> Value:
    what = frame.first_node(node)
    element = frame.element(frame.first(given), what)
    value = given.positional[1] if len(given.positional) > 1 else Constant(None, "NoneType")
    disorder = frame.disorder_of(frame.first(given), what, "dict.fromkeys")
    return Instance("builtins.dict", (element, value), disorder)


def join_text(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """`", ".join(words)` puts the order into the text."""
    what = frame.first_node(node)
    frame.element(frame.first(given), what)
    frame.confirm(frame.disorder_of(frame.first(given), what, "join"))
    return Instance("builtins.str")


def _chain(frame: Handovers, given: Given, node: ast.Call) -> Value:
    joined: Value = NOTHING
    disorder = None
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        joined = join(joined, frame.element(source, what))
        disorder = disorder or frame.disorder_of(source, what, "chain")
    return Instance("builtins.iterator", (joined,), disorder)


def _starmap(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    what = node.args[1] if len(node.args) > 1 else node
    row = frame.element(given.positional[1], what)
    arguments = row.items if type(row) is Instance and row.cls == "builtins.tuple" else ()
    result = frame.call_back(given.positional[0], Given(arguments), node)
    return Instance(
        "builtins.iterator", (result,), frame.disorder_of(given.positional[1], what, "starmap")
    )


def _itertool(frame: Handovers, given: Given, node: ast.Call) -> Value:
    disorder = None
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        disorder = disorder or frame.disorder_of(source, what, "itertools")
        if isinstance(source, Func | Bound | Partial):
            frame.call_back(source, Given(), node)
    for _, value in given.keywords:
        if isinstance(value, Func | Bound | Partial):
            frame.call_back(value, Given(), node)
    return Instance("builtins.iterator", (UNKNOWN,), disorder)


def _defaultdict(frame: Handovers, given: Given, node: ast.Call) -> Value:
    value: Value = UNKNOWN
    if given.positional:
        value = frame.call_back(given.positional[0], Given(), node)
        if type(given.positional[0]) is External:
            made = frame.known(given.positional[0].name, Given(), ast.Call(node.func, [], []))
            value = UNKNOWN if made is None else made
    return Instance("collections.defaultdict", (UNKNOWN, value))


ITERABLES: Final[dict[str, Handler]] = {
    "builtins.list": _ordered("builtins.list", "list"),
    "builtins.tuple": _ordered("builtins.list", "tuple"),
    "builtins.iter": _ordered("builtins.iterator", "iter"),
    "builtins.reversed": _reversed,
    "collections.deque": _ordered("collections.deque", "deque"),
    "builtins.sorted": _sorted,
    "builtins.min": _free(None),
    "builtins.max": _free(None),
    "builtins.sum": _free("builtins.float"),
    "builtins.any": _free("builtins.bool"),
    "builtins.all": _free("builtins.bool"),
    "builtins.set": _setlike("builtins.set"),
    "builtins.frozenset": _setlike("builtins.frozenset"),
    "weakref.WeakSet": _setlike("weakref.WeakSet"),
    "collections.Counter": _setlike("collections.Counter"),
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.next": _next,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.dict.fromkeys": _fromkeys,
    "collections.OrderedDict.fromkeys": _fromkeys,
    "functools.reduce": _reduce,
    "itertools.chain": _chain,
    "itertools.groupby": _itertool,
    "itertools.islice": _chain,
    "itertools.starmap": _starmap,
    "itertools.product": _itertool,
    "itertools.combinations": _itertool,
    "itertools.permutations": _itertool,
    "itertools.accumulate": _itertool,
    "itertools.takewhile": _itertool,
    "itertools.dropwhile": _itertool,
    "itertools.pairwise": _itertool,
    "itertools.batched": _itertool,
    "itertools.cycle": _itertool,
    "itertools.zip_longest": _itertool,
    "collections.defaultdict": _defaultdict,
}
