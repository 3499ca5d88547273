"""An operator gives what the classes of its operands say, the project's by special methods.

What has not been awaited yet is no operand.
"""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.calls import Calls
from durable_lint.reach.facts import Given
from durable_lint.reach.iteration import is_set
from durable_lint.reach.names import rendered
from durable_lint.reach.notation import parse_type
from durable_lint.reach.observations import Pending
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Constant,
    Instance,
    Object,
    Pend,
    Value,
    join,
    members_of,
)

__all__ = ["LONGEST_TUPLE", "Operators"]

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
# What somebody else does, and gives a result of.
STARTED: Final = frozenset({Pending.ACTIVITY, Pending.ORCHESTRATOR})


class Operators(Calls):
    """Operators and comparisons."""

    def operand(self, node: ast.expr, *, of_a_task: bool = False) -> Value:
        value = self.held(self.evaluate(node))
        if type(value) is Pend:
            self.dropped(value, node, "as a value", of_a_task=of_a_task)
            return UNKNOWN
        return value

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.operand(node.left), self.operand(node.right)
        value = self.operate(left, node.op, right, node)
        if isinstance(node.op, ast.Mod) and _is_text(left):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return self.written_out(parts)
        return value

    def operate(
        self, left: Value, op: ast.operator, right: Value, node: ast.expr, *, in_place: bool = False
    ) -> Value:
        """The value of an operator."""
        name = OPERATORS[type(op)]
        own = (f"__i{name}__", f"__{name}__") if in_place else (f"__{name}__",)
        made = self._special(left, own, Given((right,)), node)
        if made is None:
            made = self._special(right, (f"__r{name}__",), Given((left,)), node)
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

    def _special(
        self, value: Value, names: tuple[str, ...], given: Given, node: ast.expr
    ) -> Value | None:
        """What the first of these methods gives, of each of the objects that a value may be."""
        joined: Value | None = None
        for part in members_of(value):
            if type(part) is not Object:
                continue
            for name in names:
                made = self.dunder(part, name, given, node)
                if made is not None:
                    joined = made if joined is None else join(joined, made)
                    break
        return joined

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
        name = {ast.USub: "__neg__", ast.UAdd: "__pos__"}.get(type(node.op), "__invert__")
        made = self._special(value, (name,), Given(), node)
        if made is not None:
            return made
        if type(value) is Constant and value.kind in {"int", "float"}:
            return value
        return UNKNOWN if type(value) is not Instance else value

    def test_value(self, value: Value, node: ast.expr) -> None:
        """A value is asked whether it is true."""
        for part in members_of(value):
            if type(part) is Pend:
                # There may be no task: then it is asked for, and not for what it gives.
                maybe = type(value) is not Pend or part.kind not in STARTED
                self.dropped(part, node, "as a value", of_a_task=maybe)
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
        if all(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops):
            self.compares(node.left, *node.comparators)
        of_a_task = _compares_tasks(node)
        left = self.operand(node.left, of_a_task=of_a_task)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot):
                self.evaluate(right_node)
                continue
            right = self.operand(right_node, of_a_task=of_a_task)
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


def _compares_tasks(node: ast.Compare) -> bool:
    """Whether a comparison may ask which of some tasks it is, and not for what they give."""
    asks = all(
        isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn)
        for op in node.ops
    )
    return asks and not any(
        isinstance(side, ast.Constant) and side.value is not None
        for side in (node.left, *node.comparators)
    )


def _as_instance(value: Value) -> Value:
    """A constant as any value of its class."""
    return Instance(f"builtins.{value.kind}") if type(value) is Constant else value


def _is_text(value: Value) -> bool:
    instance = _as_instance(value)
    return type(instance) is Instance and instance.cls == "builtins.str"


def _number(left: Instance, op: ast.operator, right: Value) -> Value:
    other = _as_instance(right)
    if type(other) is not Instance or other.cls not in NUMBERS:
        return UNKNOWN
    if isinstance(op, ast.Div) or "builtins.float" in {left.cls, other.cls}:
        return Instance("builtins.float")
    return Instance("builtins.int")
