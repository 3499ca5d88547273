"""An expression has a value, and everything it does on the way is noted once, where it stands."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Final

from durable_lint.reach.calls import Calls
from durable_lint.reach.facts import Given
from durable_lint.reach.gaps import filled
from durable_lint.reach.iteration import is_set, lone
from durable_lint.reach.names import rendered
from durable_lint.reach.observations import ForeignAwait, Iterated, Pending
from durable_lint.reach.scopes import ClassScope
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Made,
    Member,
    ModuleValue,
    Object,
    Pend,
    Union,
    Value,
    join,
    members_of,
    parse_type,
)

__all__ = ["Expressions"]

OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
}
COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
SET_OPERATORS: Final = (ast.BitOr, ast.BitAnd, ast.BitXor, ast.Sub)
# Elements of tuples are told apart up to this many.
LONGEST_TUPLE: Final = 30
NUMBERS: Final = frozenset({"builtins.int", "builtins.float", "builtins.bool"})


class Expressions(Calls):
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
        self._read_state(value, node)
        return value

    def _read_state(self, value: Value, node: ast.expr) -> None:
        if self.quiet:
            return
        if isinstance(node, ast.Name):
            state = self.analysis.state_of_name(self.module, node.id)
            if state and self._is_global(node.id):
                self.read(state, node)

    def _is_global(self, name: str) -> bool:
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
            self.dropped(receiver, node, "as a value")
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
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.evaluate(part.value)
                if type(value) is Pend:
                    self.dropped(value, part.value, "as a value")
                self.consume(value)
                if type(value) is Object:
                    for name in ("__format__", "__str__"):
                        if self.dunder(value, name, Given(), part.value) is not None:
                            break
                if part.format_spec is not None:
                    self.evaluate(part.format_spec)
        return Instance("builtins.str")

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
        disorder = None
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.settle_argument(self.evaluate(item))
            if key is None:
                if type(value) is Instance and len(value.items) == 2:
                    keys, values = join(keys, value.items[0]), join(values, value.items[1])
                    disorder = disorder or value.disorder
                else:
                    values = join(values, UNKNOWN)
            else:
                keys = join(keys, self.evaluate(key))
                values = join(values, value)
        return Instance("builtins.dict", (keys, values), disorder)

    # ------------------------------------------------------------ operators

    def operand(self, node: ast.expr) -> Value:
        value = self.settle(self.evaluate(node))
        if type(value) is Pend:
            self.dropped(value, node, "as a value")
            return UNKNOWN
        return value

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.operand(node.left), self.operand(node.right)
        return self.operate(left, node.op, right, node)

    def operate(
        self, left: Value, op: ast.operator, right: Value, node: ast.expr, *, in_place: bool = False
    ) -> Value:
        """The value of an operator."""
        name = OPERATORS[type(op)]
        for part in members_of(left):
            if type(part) is Object:
                if in_place:
                    made = self.dunder(part, f"__i{name}__", Given((right,)), node)
                    if made is not None:
                        return made
                made = self.dunder(part, f"__{name}__", Given((right,)), node)
                if made is not None:
                    return made
        for part in members_of(right):
            if type(part) is Object:
                made = self.dunder(part, f"__r{name}__", Given((left,)), node)
                if made is not None:
                    return made
        if isinstance(op, SET_OPERATORS) and self._makes_set(left, right):
            element: Value = NOTHING
            for value in (left, right) if isinstance(op, ast.BitOr | ast.BitXor) else (left,):
                if type(value) is Instance and value.items:
                    element = join(element, value.items[0])
                else:
                    element = join(element, UNKNOWN)
            return Instance("builtins.set", (element,))
        return self._of_operator(left, op, right)

    def _makes_set(self, left: Value, right: Value) -> bool:
        for value in (left, right):
            for part in members_of(value):
                if is_set(part):
                    return True
        return type(left) is Instance and left.cls == "builtins.dict_keys"

    def _of_operator(self, left: Value, op: ast.operator, right: Value) -> Value:
        left = _as_instance(left)
        if type(left) is Instance:
            if left.cls in {"builtins.list", "builtins.tuple"} and isinstance(op, ast.Add):
                return self._concatenated(left, right)
            if left.cls == "builtins.dict" and isinstance(op, ast.BitOr):
                return join(left, right) if type(right) is Instance else left
            if left.cls in NUMBERS:
                return _number(left, op, right)
            if left.cls == "builtins.str":
                return Instance("builtins.str")
            known = self.vocabulary.member_result(rendered(left), f"__{OPERATORS[type(op)]}__")
            if known is not None:
                return parse_type(known, left.items)
        if type(right) is Instance and right.cls.startswith("pathlib.") and isinstance(op, ast.Div):
            return right
        return UNKNOWN

    def _concatenated(self, left: Instance, right: Value) -> Value:
        """Two lists or tuples, one after the other."""
        disorder = left.disorder
        if type(right) is Instance:
            disorder = disorder or right.disorder
            if left.cls == right.cls == "builtins.tuple":
                items = left.items + right.items
                if len(items) <= LONGEST_TUPLE:
                    return Instance(left.cls, items, disorder)
        element: Value = NOTHING
        for value in (left, right):
            element = join(element, self.element(value, ast.Constant(None)))
        return Instance("builtins.list", (element,), disorder)

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        if isinstance(node.op, ast.Not):
            self.test_value(value, node.operand)
            return Instance("builtins.bool")
        if type(value) is Object:
            self.dunder(
                value,
                {ast.USub: "__neg__", ast.UAdd: "__pos__"}.get(type(node.op), "__invert__"),
                Given(),
                node,
            )
        if type(value) is Constant and value.kind in {"int", "float"}:
            return value
        return UNKNOWN if type(value) is not Instance else value

    def test_value(self, value: Value, node: ast.expr) -> None:
        """A value is asked whether it is true."""
        for part in members_of(value):
            if type(part) is Pend:
                self.dropped(part, node, "as a value")
            elif type(part) is Object and self.dunder(part, "__bool__", Given(), node) is None:
                self.dunder(part, "__len__", Given(), node)

    def _boolean(self, node: ast.BoolOp) -> Value:
        joined: Value = NOTHING
        for place, operand in enumerate(node.values):
            value = self.evaluate(operand)
            if place < len(node.values) - 1:
                self.test_value(value, operand)
                if isinstance(node.op, ast.Or) and type(value) is Constant and not value.value:
                    continue
            joined = join(joined, value)
        return joined

    def _compare(self, node: ast.Compare) -> Value:
        left = self.operand(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot):
                self.evaluate(right_node)
                continue
            right = self.operand(right_node)
            name = COMPARISONS.get(type(op))
            if name is not None:
                for part in members_of(left):
                    self.dunder(part, name, Given((right,)), node)
                if isinstance(op, ast.Eq | ast.NotEq):
                    for value in (left, right):
                        if type(value) is Instance and value.cls == "builtins.list":
                            self.consume(value)
            else:
                for part in members_of(right):
                    self.dunder(part, "__contains__", Given((left,)), node)
            left = right
        return Instance("builtins.bool")

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self.operand(node.value)
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
                    return items[1] if len(items) == 2 else UNKNOWN
                self.consume(value)
                known = None if items else self.vocabulary.member_result(cls, "__getitem__")
                return parse_type(known) if known else self.element(value, node.value)
            case Member():
                return self._item(self.settle(value), index, node)
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

    # ------------------------------------------------------------ awaiting

    def _await(self, node: ast.Await) -> Value:
        before, self.awaiting = self.awaiting, node.value
        value = self.evaluate(node.value)
        self.awaiting = before
        self.confirm_loops()
        self.foreign(value, node.value, "await")
        joined: Value = NOTHING
        for part in members_of(value):
            joined = join(joined, self.awaited(part, node.value))
        return joined

    def foreign(self, value: Value, node: ast.expr, form: str) -> None:
        """Awaiting what another library makes is not durable."""
        if self.quiet:
            return
        for part in members_of(self.settle(value)):
            name = self._foreign_name(part, form)
            if name is not None:
                self.observe(
                    ForeignAwait(
                        span=self.span(node),
                        dialect=self.dialect,
                        in_async=self.is_async,
                        name=name,
                        form=form,
                    )
                )
                return

    def _foreign_name(self, part: Value, form: str) -> str | None:
        match part:
            case Pend(Pending.COROUTINE, _, _, foreign) if foreign:
                return self.analysis.foreign(foreign)
            case Made(by):
                return self.analysis.foreign(by)
            case Instance(cls) if form != "await":
                if "." not in cls or cls.startswith(
                    ("builtins.", "durable", "asyncio.", "contextlib.")
                ):
                    return None
                return self._foreign_instance(cls)
            case Instance("asyncio.ForeignFuture"):
                return "asyncio.AbstractEventLoop.create_future"
            case _:
                return None

    def _foreign_instance(self, cls: str) -> str | None:
        """Whether entering or iterating an instance of a library's class is foreign."""
        if self.vocabulary.is_durable_safe(cls) or cls.startswith("anyio."):
            return None
        entry = self.vocabulary.name(cls)
        if entry is not None and entry.category == "foreign_await":
            return cls
        return None if self.vocabulary.is_known(cls) else self.analysis.foreign(cls)

    def awaited(self, value: Value, node: ast.expr) -> Value:
        match value:
            case Pend(_, _, gives):
                return gives
            # Awaiting what is also a context manager gives what entering it would.
            case Instance("asyncio.Task" | "asyncio.Future" | "coroutine" | "context", items):
                return items[0] if items else UNKNOWN
            case Object():
                self.dunder(value, "__await__", Given(), node)
                return UNKNOWN
            case Union(parts):
                joined: Value = NOTHING
                for part in parts:
                    joined = join(joined, self.awaited(part, node))
                return joined
            case _:
                return UNKNOWN

    def _yield(self, node: ast.Yield) -> Value:
        if node.value is None:
            return UNKNOWN
        value = self.evaluate(node.value)
        self.confirm_loops()
        if self.analysis.yields_await(self.function):
            return self.awaited(value, node.value)
        self.consume(value)
        self.escape(value, node.value)
        self.facts.yields = join(self.facts.yields, self.settle_argument(value))
        return UNKNOWN

    def _yield_from(self, node: ast.YieldFrom) -> Value:
        value = self.evaluate(node.value)
        self.consume(value)
        if self.analysis.yields_await(self.function):
            return self.awaited(value, node.value)
        self.confirm(self.disorder_of(value, node.value, "yield from"))
        self.facts.yields = join(self.facts.yields, self.element(value, node.value))
        return UNKNOWN

    # ------------------------------------------------------------ scopes within expressions

    def _lambda(self, node: ast.Lambda) -> Value:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.evaluate(default)
        func = self.analysis.nested(node, self.module, self.function)
        return self.captured(Func(func))

    def _comprehension(self, node: Any) -> Value:
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
            if seen is not None and kind is not ast.SetComp:
                self.enter_loop(source, part.iter, part.target)
            self.bind(part.target, self.element(source, part.iter, asynchronous=part.is_async))
            for test in part.ifs:
                self.test_value(self.evaluate(test), test)
        if kind is ast.DictComp:
            key, value = self.evaluate(node.key), self.settle_argument(self.evaluate(node.value))
            result: Value = Instance("builtins.dict", (key, value), disorder)
        else:
            element = self.settle_argument(self.evaluate(node.elt))
            name = {
                ast.ListComp: "builtins.list",
                ast.SetComp: "builtins.set",
                ast.GeneratorExp: "builtins.generator",
            }[kind]
            result = Instance(name, (element,), disorder)
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


def _as_instance(value: Value) -> Value:
    """A constant as any value of its class."""
    return Instance(f"builtins.{value.kind}") if type(value) is Constant else value


def _number(left: Instance, op: ast.operator, right: Value) -> Value:
    other = _as_instance(right)
    if type(other) is not Instance or other.cls not in NUMBERS:
        return UNKNOWN
    if isinstance(op, ast.Div) or "builtins.float" in {left.cls, other.cls}:
        return Instance("builtins.float")
    return Instance("builtins.int")


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
