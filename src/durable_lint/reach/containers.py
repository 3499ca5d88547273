"""A collection that is changed holds more, has another order, and may be somebody's state."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.observations import Iterated
from durable_lint.reach.orders import LISTED
from durable_lint.reach.values import (
    Constant,
    Func,
    Instance,
    Object,
    Value,
    copied,
    join,
    members_of,
)

__all__ = ["Containers"]

# Methods that add an element, and at which place it is given.
ADDING: Final[dict[str, int]] = {
    "append": 0,
    "add": 0,
    "appendleft": 0,
    "insert": 1,
    "put_nowait": 0,
    "put": 0,
}
EXTENDING: Final = frozenset({"extend", "update", "extendleft", "union", "__ior__", "__iadd__"})
ORDERED: Final = frozenset(
    {"append", "appendleft", "extend", "extendleft", "insert", "setdefault", "update"}
)
MAPPINGS: Final = frozenset({"builtins.dict", "collections.defaultdict", "collections.OrderedDict"})
SET_METHODS: Final = frozenset(
    {"union", "difference", "intersection", "symmetric_difference", "copy"}
)


class Containers(Handovers):
    """Methods of collections."""

    def container_method(
        self, part: Instance, name: str, given: Given, node: ast.Call
    ) -> Value | None:
        """Results of methods of collections whose elements only we know."""
        cls = part.cls
        if cls in MAPPINGS and len(part.items) == 2:
            return self._mapping_method(part, name, given)
        if cls in {"builtins.list", "collections.deque"} and part.items:
            if name in {"pop", "popleft"}:
                self.consume(part)
                return part.items[0]
            return copied(part) if name == "copy" else None
        if cls in {"builtins.set", "builtins.frozenset"} and part.items and name in SET_METHODS:
            element = part.items[0]
            if name in {"union", "symmetric_difference"}:
                for value in given.positional:
                    element = join(element, self.element(value, node))
            return Instance(cls, (element,))
        if cls == "builtins.dict_keys" and name == "isdisjoint":
            return Instance("builtins.bool")
        return None

    def _mapping_method(self, part: Instance, name: str, given: Given) -> Value | None:
        key, value = part.items
        match name:
            case "get" | "pop" | "setdefault":
                has_default = len(given.positional) > 1
                default = given.positional[1] if has_default else Constant(None, "NoneType")
                if name == "get" and given.positional:
                    value = part.entry(given.positional[0])
                return join(value, default)
            case "values":
                return Instance("builtins.iterator", (value,), part.disorder)
            case "keys":
                return Instance("builtins.dict_keys", (key,), part.disorder)
            case "items":
                pair = Instance("builtins.tuple", part.items)
                return Instance("builtins.iterator", (pair,), part.disorder)
            case "copy":
                return copied(part)
            case _:
                return None

    def popped(self, part: Instance, target: ast.Attribute, node: ast.Call) -> None:
        """`set.pop` gives the element that happens to come first."""
        seen = self.disorder_of(part, target.value, "pop")
        if seen is not None:
            self.observe(self.iterated(node, "pop", seen.kind, sortable=False))

    def mutate(
        self, part: Instance, name: str, target: ast.Attribute, given: Given, node: ast.Call
    ) -> None:
        """A collection is changed: what it holds now, its order, and whose state it is."""
        self.wrote(part.state, node, f"method {name}")
        queued = name in {"put", "put_nowait"} and part.cls.startswith("asyncio.")
        if queued or (name in LISTED and not self._is_made_here(target.value)):
            self.ordered(target.value)
        self.mutated_receiver(target.value)
        if name == "clear":
            self.rebind(target.value, Instance(part.cls, part.items, None, part.state))
            return
        items = self._items_with(part.items, name, given, node)
        tracked = isinstance(target.value, ast.Name | ast.Attribute)
        disorder = part.disorder
        if name in ORDERED and part.cls != "builtins.set":
            disorder = disorder or self._order_added(name, given, node)
            if not tracked:
                self.confirm(disorder)
        if items != part.items or disorder is not part.disorder or part.entries:
            changed = Instance(part.cls, items, disorder, part.state)
            self.rebind(target.value, changed)
            if part.state:
                self.analysis.grow(part.state, changed)
            if not tracked:
                self._grow_within(target.value, changed)

    def _is_made_here(self, node: ast.expr) -> bool:
        """Whether it is a name of the function, so that the order goes with its value."""
        return (
            isinstance(node, ast.Name)
            and node.id in self.env
            and self.function is not None
            and node.id not in self.function.scan.parameters
        )

    def _items_with(
        self, items: tuple[Value, ...], name: str, given: Given, node: ast.Call
    ) -> tuple[Value, ...]:
        """What a collection holds after a method added to it."""
        if name in ADDING and len(given.positional) > ADDING[name]:
            element = given.positional[ADDING[name]]
            return (join(items[0], element) if items else element,)
        if name in EXTENDING and given.positional and len(items) <= 1:
            element = self.element(given.positional[0], node)
            return (join(items[0], element) if items else element,)
        if len(items) != 2:
            return items
        keys, values = items
        if name == "update":
            for value in given.positional:
                if type(value) is Instance and len(value.items) == 2:
                    keys, values = join(keys, value.items[0]), join(values, value.items[1])
        elif name == "setdefault" and len(given.positional) > 1:
            keys = join(keys, given.positional[0])
            values = join(values, given.positional[1])
        return keys, values

    def _grow_within(self, node: ast.expr, changed: Instance) -> None:
        """`HANDLERS[kind].append(f)`, or with `setdefault`: the mapping holds more."""
        holder = _holder_of(node)
        if holder is None:
            return
        for part in members_of(self.quietly(holder)):
            if type(part) is Instance and len(part.items) == 2:
                items = (part.items[0], join(part.items[1], changed))
                grown = Instance(part.cls, items, part.disorder, part.state)
                self.rebind(holder, grown)
                if part.state:
                    self.analysis.grow(part.state, grown)

    def _order_added(self, name: str, given: Given, node: ast.Call) -> Iterated | None:
        if name in {"extend", "extendleft", "update"} and node.args:
            found = self.disorder_of(self.first(given), node.args[0], name)
            if found is not None:
                return found
        return self.order_of_rounds(node.func) if self.disorders else None

    def rebind(self, node: ast.expr, value: Value) -> None:
        """What a name or attribute holds has changed in place."""
        if isinstance(value, Instance) and value.state and not isinstance(node, ast.Name):
            return  # what a class holds is no attribute of an instance
        if isinstance(node, ast.Name):
            if node.id in self.env:
                self.env[node.id] = self.take_order(value)
            elif node.id in self.closure:
                self.closure[node.id] = value
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for receiver in members_of(self.lookup(node.value.id)):
                if type(receiver) is Object:
                    self.analysis.hold(receiver.scope, node.attr, value)

    def mutated_receiver(self, node: ast.expr) -> None:
        """Note that something of `self`, or of an object that the module holds, is changed."""
        whole = node
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name) and node is not whole and node.id not in self.env:
            held = self.lookup(node.id)
            if isinstance(held, Object | Instance) and held.state:
                self.wrote(held.state, whole, "attribute")
        if (
            isinstance(node, ast.Name)
            and self.env.get(node.id) is self.receiver
            and self.receiver is not None
        ):
            self.facts.mutates = True

    def mutated_object(self, part: Object, name: str, node: ast.Call) -> None:
        """A method that changes an object which the module holds changes the module's state."""
        found = self.analysis.method(part.scope, name)
        if found is not None and self.returned(Func(found), Object(part.scope, part.exact)).mutates:
            self.wrote(part.state, node, f"method {name}")


def _holder_of(node: ast.expr) -> ast.expr | None:
    """The mapping out of which an expression takes a value."""
    match node:
        case ast.Subscript(holder, _):
            return holder
        case ast.Call(ast.Attribute(holder, "setdefault" | "get")):
            return holder
        case _:
            return None
