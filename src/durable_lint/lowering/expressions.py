"""Expressions of libcst as those of ast. Invariant: a target is stored to, all else is loaded."""

import ast
from typing import Any, Final

import libcst as cst

from durable_lint.lowering.places import Place, Places

__all__ = ["BINARY", "CONSTANTS", "Expressions", "is_positional"]

BINARY: Final[dict[str, type[ast.operator]]] = {
    "Add": ast.Add,
    "Subtract": ast.Sub,
    "Multiply": ast.Mult,
    "Divide": ast.Div,
    "FloorDivide": ast.FloorDiv,
    "Modulo": ast.Mod,
    "Power": ast.Pow,
    "LeftShift": ast.LShift,
    "RightShift": ast.RShift,
    "BitOr": ast.BitOr,
    "BitAnd": ast.BitAnd,
    "BitXor": ast.BitXor,
    "MatrixMultiply": ast.MatMult,
}
_UNARY: Final[dict[str, type[ast.unaryop]]] = {
    "Plus": ast.UAdd,
    "Minus": ast.USub,
    "BitInvert": ast.Invert,
    "Not": ast.Not,
}
_COMPARE: Final[dict[str, type[ast.cmpop]]] = {
    "LessThan": ast.Lt,
    "GreaterThan": ast.Gt,
    "Equal": ast.Eq,
    "LessThanEqual": ast.LtE,
    "GreaterThanEqual": ast.GtE,
    "NotEqual": ast.NotEq,
    "In": ast.In,
    "NotIn": ast.NotIn,
    "Is": ast.Is,
    "IsNot": ast.IsNot,
}
CONSTANTS: Final = {"None": None, "True": True, "False": False}

_TARGETS: Final = frozenset(
    {"Name", "Attribute", "Subscript", "StarredElement", "Element", "Tuple", "List"}
)


class Expressions(Places):
    """Methods are named after libcst's nodes, and give ast's."""

    def optional(self, node: Any) -> Any:
        return None if node is None else self.expression(node)

    def expression(self, node: Any, context: ast.expr_context | None = None) -> Any:
        """context: of a target; None for what is read."""
        name = type(node).__name__
        if name in _TARGETS:
            new = getattr(self, f"_{name}")(node, context or ast.Load())
        else:
            new = getattr(self, f"_{name}")(node)
        if not hasattr(new, "lineno"):
            self.at(new, self.range(node))
        return new

    def _Name(self, node: cst.Name, context: ast.expr_context) -> Any:
        if node.value in CONSTANTS:
            return ast.Constant(CONSTANTS[node.value])
        return ast.Name(node.value, context)

    def _Attribute(self, node: cst.Attribute, context: ast.expr_context) -> Any:
        return ast.Attribute(self.expression(node.value), node.attr.value, context)

    def _Subscript(self, node: cst.Subscript, context: ast.expr_context) -> Any:
        value = self.expression(node.value)
        elements = node.slice
        first = elements[0]
        lone = len(elements) == 1 and not isinstance(first.comma, cst.Comma)
        if lone and not (isinstance(first.slice, cst.Index) and first.slice.star):
            return ast.Subscript(value, self.slice(first.slice), context)
        index = ast.Tuple([self.slice(each.slice) for each in elements], ast.Load())
        last = elements[-1]
        end = self.slice_place(last.slice)[1]
        if isinstance(last.comma, cst.Comma):
            end = self.found(",", *self.range(last.comma))
        self.at(index, (self.slice_place(first.slice)[0], end))
        return ast.Subscript(value, index, context)

    def found(self, char: str, start: Place, end: Place) -> Place:
        """Behind a character that is somewhere between two places; comments do not count."""
        line, column = start
        while (line, column) < end:
            text = self.lines[line - 1]
            at = text.find(char, column)
            if at >= 0 and "#" not in text[column:at]:
                return line, at + 1
            line, column = line + 1, 0
        return end

    def slice(self, node: cst.BaseSlice) -> Any:
        if isinstance(node, cst.Slice):
            new: Any = ast.Slice(
                self.optional(node.lower), self.optional(node.upper), self.optional(node.step)
            )
            return self.at(new, self.slice_place(node))
        assert isinstance(node, cst.Index)
        value = self.expression(node.value)
        if not node.star:
            return value
        return self.at(ast.Starred(value, ast.Load()), self.slice_place(node))

    def slice_place(self, node: cst.BaseSlice) -> tuple[Place, Place]:
        start, end = self.range(node)
        if isinstance(node, cst.Slice):
            return start, self.slice_end(node, end)
        assert isinstance(node, cst.Index)
        outer = self.outer(node.value)
        return (start, outer[1]) if node.star else outer

    def slice_end(self, node: cst.Slice, end: Place) -> Place:
        for part in (node.step, node.upper):
            if part is not None and not (
                part is node.upper and isinstance(node.second_colon, cst.Colon)
            ):
                return self.outer(part)[1]
        return self.trimmed(end)

    def _StarredElement(self, node: cst.StarredElement, context: ast.expr_context) -> Any:
        new = ast.Starred(self.expression(node.value, context), context)
        return self.at(new, (self.range(node)[0], self.outer(node.value)[1]))

    def _Element(self, node: cst.Element, context: ast.expr_context) -> Any:
        return self.expression(node.value, context)

    def _Tuple(self, node: cst.Tuple, context: ast.expr_context) -> Any:
        elements = [self.expression(each, _again(context)) for each in node.elements]
        return self.at(ast.Tuple(elements, context), self.own(node))

    def _List(self, node: cst.List, context: ast.expr_context) -> Any:
        return ast.List([self.expression(each, _again(context)) for each in node.elements], context)

    def _Set(self, node: cst.Set) -> Any:
        return ast.Set([self.expression(each) for each in node.elements])

    def _Dict(self, node: cst.Dict) -> Any:
        keys = [
            self.expression(each.key) if isinstance(each, cst.DictElement) else None
            for each in node.elements
        ]
        return ast.Dict(keys, [self.expression(each.value) for each in node.elements])

    def _Integer(self, node: cst.Integer) -> Any:
        return ast.Constant(ast.literal_eval(node.value))

    _Float = _Integer
    _Imaginary = _Integer

    def _Ellipsis(self, node: cst.Ellipsis) -> Any:
        return ast.Constant(...)

    def _BinaryOperation(self, node: cst.BinaryOperation) -> Any:
        # A loop: a sum may have more terms than the stack is deep.
        chain = [node]
        while isinstance(chain[-1].left, cst.BinaryOperation):
            chain.append(chain[-1].left)
        new = self.expression(chain[-1].left)
        for each in reversed(chain):
            operator = BINARY[type(each.operator).__name__]()
            new = ast.BinOp(new, operator, self.expression(each.right))
            self.at(new, self.range(each))
        return new

    def _BooleanOperation(self, node: cst.BooleanOperation) -> Any:
        kind = type(node.operator)
        values = [node.right]
        left: cst.BaseExpression = node.left
        while (
            isinstance(left, cst.BooleanOperation) and type(left.operator) is kind and not left.lpar
        ):
            values.append(left.right)
            left = left.left
        values.append(left)
        operator = ast.And() if kind is cst.And else ast.Or()
        return ast.BoolOp(operator, [self.expression(each) for each in reversed(values)])

    def _UnaryOperation(self, node: cst.UnaryOperation) -> Any:
        operator = _UNARY[type(node.operator).__name__]()
        return ast.UnaryOp(operator, self.expression(node.expression))

    def _Comparison(self, node: cst.Comparison) -> Any:
        return ast.Compare(
            self.expression(node.left),
            [_COMPARE[type(each.operator).__name__]() for each in node.comparisons],
            [self.expression(each.comparator) for each in node.comparisons],
        )

    def _IfExp(self, node: cst.IfExp) -> Any:
        return ast.IfExp(
            self.expression(node.test), self.expression(node.body), self.expression(node.orelse)
        )

    def _Lambda(self, node: cst.Lambda) -> Any:
        return ast.Lambda(self.parameters(node.params), self.expression(node.body))

    def _NamedExpr(self, node: cst.NamedExpr) -> Any:
        return ast.NamedExpr(self.expression(node.target, ast.Store()), self.expression(node.value))

    def _Await(self, node: cst.Await) -> Any:
        return ast.Await(self.expression(node.expression))

    def _Yield(self, node: cst.Yield) -> Any:
        if isinstance(node.value, cst.From):
            return ast.YieldFrom(self.expression(node.value.item))
        return ast.Yield(self.optional(node.value))

    def _Call(self, node: cst.Call) -> Any:
        arguments = node.args
        new = ast.Call(
            self.expression(node.func),
            [self.argument(each) for each in arguments if is_positional(each)],
            [self.keyword(each) for each in arguments if not is_positional(each)],
        )
        if len(arguments) == 1:
            value = arguments[0].value
            if isinstance(value, cst.GeneratorExp) and not value.lpar:
                # The parentheses of the call are the generator's too.
                end = self.range(node)[1]
                line, column = self.found("(", self.outer(node.func)[1], end)
                self.at(new.args[0], ((line, column - 1), end))
        return new

    def argument(self, node: cst.Arg) -> Any:
        value = self.expression(node.value)
        if node.star != "*":
            return value
        new = ast.Starred(value, ast.Load())
        return self.at(new, (self.range(node)[0], self.outer(node.value)[1]))

    def keyword(self, node: cst.Arg) -> Any:
        name = None if node.keyword is None else node.keyword.value
        start = self.range(node if node.keyword is None else node.keyword)[0]
        new = ast.keyword(name, self.expression(node.value))
        return self.at(new, (start, self.outer(node.value)[1]))

    # ------------------------------------------------------------ comprehensions

    def generators(self, node: cst.CompFor) -> list[ast.comprehension]:
        found: list[ast.comprehension] = []
        each: cst.CompFor | None = node
        while each is not None:
            found.append(
                ast.comprehension(
                    self.expression(each.target, ast.Store()),
                    self.expression(each.iter),
                    [self.expression(condition.test) for condition in each.ifs],
                    int(each.asynchronous is not None),
                )
            )
            each = each.inner_for_in
        return found

    def _GeneratorExp(self, node: cst.GeneratorExp) -> Any:
        new = ast.GeneratorExp(self.expression(node.elt), self.generators(node.for_in))
        return self.at(new, self.own(node))

    def _ListComp(self, node: cst.ListComp) -> Any:
        return ast.ListComp(self.expression(node.elt), self.generators(node.for_in))

    def _SetComp(self, node: cst.SetComp) -> Any:
        return ast.SetComp(self.expression(node.elt), self.generators(node.for_in))

    def _DictComp(self, node: cst.DictComp) -> Any:
        return ast.DictComp(
            self.expression(node.key), self.expression(node.value), self.generators(node.for_in)
        )

    def _StarredDictComp(self, node: Any) -> Any:
        # Of Python 3.15: a comprehension over mappings; the nearest is one over their items.
        value = self.expression(node.value)
        return ast.DictComp(value, value, self.generators(node.for_in))

    # ------------------------------------------------------------ parameters

    def parameters(self, node: cst.Parameters) -> ast.arguments:
        ordered = [*node.posonly_params, *node.params]
        rest, keywords = node.star_arg, node.star_kwarg
        return ast.arguments(
            posonlyargs=[self.parameter(each) for each in node.posonly_params],
            args=[self.parameter(each) for each in node.params],
            vararg=self.parameter(rest) if isinstance(rest, cst.Param) else None,
            kwonlyargs=[self.parameter(each) for each in node.kwonly_params],
            kw_defaults=[self.optional(each.default) for each in node.kwonly_params],
            kwarg=None if keywords is None else self.parameter(keywords),
            defaults=[self.expression(each.default) for each in ordered if each.default],
        )

    def parameter(self, node: cst.Param) -> ast.arg:
        start, end = self.range(node.name)
        annotation = None
        if node.annotation is not None:
            annotation = self.expression(node.annotation.annotation)
            end = self.outer(node.annotation.annotation)[1]
        new: ast.arg = self.at(ast.arg(node.name.value, annotation), (start, end))
        return new


def _again(context: ast.expr_context) -> ast.expr_context:
    return type(context)()


def is_positional(node: cst.Arg) -> bool:
    return node.keyword is None and node.star != "**"
