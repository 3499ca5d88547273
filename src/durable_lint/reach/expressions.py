"""An expression has a value, and everything it does on the way is noted once, where it stands."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Final

from durable_lint.reach.awaits import Awaits
from durable_lint.reach.facts import Given
from durable_lint.reach.gaps import filled
from durable_lint.reach.iteration import lone
from durable_lint.reach.lading import part_of
from durable_lint.reach.notation import parse_type
from durable_lint.reach.observations import Iterated
from durable_lint.reach.operators import LONGEST_TUPLE
from durable_lint.reach.scopes import ClassScope, state_of_function
from durable_lint.reach.uses import is_of_a_task
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
    Member,
    ModuleValue,
    Object,
    Pend,
    Value,
    join,
    members_of,
    weight_of,
)

__all__ = ["Expressions"]

# Of larger tables nobody writes out what stands under which key.
MOST_ENTRIES: Final = 64
COMPREHENDED: Final[dict[type[ast.expr], str]] = {
    ast.ListComp: "builtins.list",
    ast.SetComp: "builtins.set",
    ast.GeneratorExp: "builtins.generator",
}


class Expressions(Awaits):
    """Evaluation."""

    def evaluate(self, node: ast.expr) -> Value:
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            return UNKNOWN
        value = handler(self, node)
        return value if self.typist is None else filled(self, self.typist, value, node)

    def scope_of_annotations(self) -> ClassScope | None:
        function = self.function
        while function is not None and function.cls is None:
            function = function.parent
        return function.cls if function is not None else None

    # ------------------------------------------------------------ names

    def _name(self, node: ast.Name) -> Value:
        value = self.lookup(node.id)
        if type(value) is External:
            self.note_attribute(value, node)
        if not self.quiet and self._is_global(node.id):
            state = self.analysis.state_of_name(self.module, node.id)
            if state:
                self.read(state, node)
        return value

    def _is_global(self, name: str) -> bool:
        """Whether a name means the module's, and not one of a function round here."""
        function = self.function
        if name in self.env and not (function is not None and name in function.scan.globals):
            return False
        while function is not None:
            if name in function.scan.bound:
                return False
            function = function.parent
        return True

    def _attribute(self, node: ast.Attribute) -> Value:
        receiver = self.evaluate(node.value)
        if type(receiver) is Pend:
            self.dropped(receiver, node, "as a value", of_a_task=is_of_a_task(node.attr))
            return UNKNOWN
        value = self.attribute(receiver, node.attr, node)
        self.note_attribute(value, node)
        if not self.quiet:
            state = self._state_of_attribute(receiver, node.attr)
            if state:
                self.read(state, node)
        return value

    def _state_of_attribute(self, receiver: Value, name: str) -> str:
        """The state that `Class.name`, `module.NAME` or `OBJECT.name` is."""
        for part in members_of(receiver):
            if type(part) is ModuleValue:
                self.analysis.met(self.module, part.module)
                return self.analysis.state_of_name(part.module, name)
            if type(part) is Class:
                return self.state_of_class(part, name)
            if type(part) is Func and part.function.parent is None:
                return state_of_function(part.function, name)
            if type(part) is Object:
                if part.state:
                    return part.state
                if self.analysis.instance_attribute(part.scope, name) is None:
                    return self.state_of_class(part, name)
        return ""

    # ------------------------------------------------------------ literals

    def _constant(self, node: ast.Constant) -> Value:
        return Constant(node.value, type(node.value).__name__)

    def _joined(self, node: ast.JoinedStr) -> Value:
        disorder = None
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.evaluate(part.value)
                if type(value) is Pend:
                    self.dropped(value, part.value, "as a value", of_a_task=True)
                self.consume(value)
                disorder = disorder or self.text_order(value, part.value)
                if type(value) is Object:
                    for name in ("__format__", "__str__"):
                        if self.dunder(value, name, Given(), part.value) is not None:
                            break
                if part.format_spec is not None:
                    self.evaluate(part.format_spec)
        return Instance("builtins.str", (), disorder)

    def _elements(self, elements: list[ast.expr], orders: list[Iterated] | None = None) -> Value:
        """What elements may be. orders: takes where an unpacked one's order came from a set."""
        joined: Value = NOTHING
        for element in elements:
            if isinstance(element, ast.Starred):
                value = self.evaluate(element.value)
                if orders is not None:
                    seen = self.disorder_of(value, element.value, "unpacking")
                    orders.extend(() if seen is None else (seen,))
                joined = join(joined, self.element(value, element.value))
            else:
                joined = join(joined, self.settle_argument(self.evaluate(element)))
        return joined

    def _list(self, node: ast.List) -> Value:
        return self._several(node.elts)

    def _several(self, elements: list[ast.expr]) -> Value:
        """A list, or a tuple of a length that is not known."""
        orders: list[Iterated] = []
        joined = self._elements(elements, orders)
        return Instance("builtins.list", (joined,), orders[0] if orders else None)

    def _tuple(self, node: ast.Tuple) -> Value:
        if len(node.elts) > LONGEST_TUPLE or any(
            isinstance(element, ast.Starred) for element in node.elts
        ):
            return self._several(node.elts)
        return Instance(
            "builtins.tuple",
            tuple(self.settle_argument(self.evaluate(element)) for element in node.elts),
        )

    def _set(self, node: ast.Set) -> Value:
        return Instance("builtins.set", (self._elements(node.elts),))

    def _dict(self, node: ast.Dict) -> Value:
        keys: Value = NOTHING
        values: Value = NOTHING
        entries: dict[Value, Value] | None = {} if len(node.keys) <= MOST_ENTRIES else None
        disorder = None
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.settle_argument(self.evaluate(item))
            if key is None:
                if type(value) is Instance and len(value.items) == 2:
                    keys, values = join(keys, value.items[0]), join(values, value.items[1])
                    disorder = disorder or value.disorder
                    told = value.entries
                else:
                    values = join(values, UNKNOWN)
                    told = ()
                # What stood there before may still be there, for all that is known.
                entries = {**entries, **dict(told)} if entries is not None else None
            else:
                named = self.evaluate(key)
                keys = join(keys, named)
                values = join(values, value)
                if type(named) is not Constant or not _is_callable(value):
                    entries = None
                elif entries is not None:
                    entries[named] = value
        return Instance(
            "builtins.dict", (keys, values), disorder, "", tuple((entries or {}).items())
        )

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self.operand(node.value)
        self.compares(node.slice)
        index = self.evaluate(node.slice)
        joined: Value = NOTHING
        for part in members_of(value):
            joined = join(joined, self._item(part, index, node))
        return joined

    def _item(self, value: Value, index: Value, node: ast.Subscript) -> Value:
        match value:
            case Instance(cls, items):
                if isinstance(node.slice, ast.Slice):
                    return value
                if (
                    cls == "builtins.tuple"
                    and type(index) is Constant
                    and isinstance(index.value, int)
                ):
                    return (
                        items[index.value] if -len(items) <= index.value < len(items) else UNKNOWN
                    )
                if cls in {"builtins.dict", "collections.defaultdict", "collections.OrderedDict"}:
                    return value.entry(index) if len(items) == 2 else UNKNOWN
                self.consume(value)
                known = None if items else self.vocabulary.member_result(cls, "__getitem__")
                return parse_type(known) if known else self.element(value, node.value)
            case Member():
                return self._item(self.held(value), index, node)
            case Made():
                return part_of(value) or UNKNOWN
            case Object():
                made = self.dunder(value, "__getitem__", Given((index,)), node)
                if made is None:
                    made = self.dunder(value, "__missing__", Given((index,)), node)
                return UNKNOWN if made is None else made
            case Class() | External():
                return value  # a generic class with its arguments
            case _:
                return UNKNOWN

    def _slice(self, node: ast.Slice) -> Value:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part)
        return UNKNOWN

    def _conditional(self, node: ast.IfExp) -> Value:
        self.test_value(self.evaluate(node.test), node.test)
        known = self.lone
        self.lone = known | lone(node.test, positive=True)
        body = self.evaluate(node.body)
        self.lone = known | lone(node.test, positive=False)
        other = self.evaluate(node.orelse)
        self.lone = known
        return join(body, other)

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.env[node.target.id] = value
        return value

    # ------------------------------------------------------------ scopes within expressions

    def _lambda(self, node: ast.Lambda) -> Value:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.evaluate(default)
        func = self.analysis.nested(node, self.module, self.function)
        return self.captured(Func(func))

    def _comprehension(self, node: Any) -> Value:
        """A collection; its loops have names of their own, but for those of `:=`."""
        outside = self.fork()
        loops = len(self.disorders)
        disorder = None
        kind = type(node)
        way = "comprehension"
        for part in node.generators:
            source = self.evaluate(part.iter)
            if type(source) is Pend:
                self.dropped(source, part.iter, "as a value")
            if part.is_async:
                self.confirm_loops()
                self.foreign(source, part.iter, "async for")
            seen = self.disorder_of(source, part.iter, way)
            if seen is not None and kind is not ast.SetComp:
                disorder = disorder or seen
                self.enter_loop(source, part.iter, part.target)
            self.bind(part.target, self.element(source, part.iter, asynchronous=part.is_async))
            for test in part.ifs:
                self.test_value(self.evaluate(test), test)
        if kind is ast.DictComp:
            key, value = self.evaluate(node.key), self.settle_argument(self.evaluate(node.value))
            result: Value = Instance("builtins.dict", (key, value), disorder)
        else:
            element = self.settle_argument(self.evaluate(node.elt))
            result = Instance(COMPREHENDED[kind], (element,), disorder)
        del self.disorders[loops:]
        if b":=" in self.source.data:
            for part in ast.walk(node):
                if isinstance(part, ast.NamedExpr) and part.target.id in self.env:
                    outside[part.target.id] = self.env[part.target.id]
        self.env = outside
        return result

    @abstractmethod
    def bind(self, target: ast.expr, value: Value) -> None:
        """Bind a target."""

    def _starred_expression(self, node: ast.Starred) -> Value:
        return self.evaluate(node.value)


def _is_callable(value: Value) -> bool:
    """Whether a value is one thing that may be called, and light."""
    return isinstance(value, Func | Bound | Class | Definition | External) and weight_of(value) <= 3


EXPRESSIONS: Final[dict[type[ast.expr], Callable[[Expressions, Any], Value]]] = {
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Call: Expressions.call,
    ast.Constant: Expressions._constant,
    ast.JoinedStr: Expressions._joined,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._tuple,
    ast.Set: Expressions._set,
    ast.Dict: Expressions._dict,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._compare,
    ast.Subscript: Expressions._subscript,
    ast.Slice: Expressions._slice,
    ast.IfExp: Expressions._conditional,
    ast.NamedExpr: Expressions._walrus,
    ast.Await: Expressions._await,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield_from,
    ast.Lambda: Expressions._lambda,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.Starred: Expressions._starred_expression,
}
