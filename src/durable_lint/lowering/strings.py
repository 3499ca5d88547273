"""Strings of libcst as those of ast. Invariant: text beside text is one text."""

import ast
from collections.abc import Iterable
from typing import Any

import libcst as cst

from durable_lint.lowering.expressions import Expressions
from durable_lint.lowering.places import Place

__all__ = ["Strings"]


class Strings(Expressions):
    """Plain ones, those with fields, and templates."""

    def _SimpleString(self, node: cst.SimpleString) -> Any:
        kind = "u" if node.value[0] in "uU" else None
        return ast.Constant(ast.literal_eval(node.value), kind=kind)

    def _ConcatenatedString(self, node: cst.ConcatenatedString) -> Any:
        parts: list[Any] = [node.left]
        rest: Any = node.right
        while isinstance(rest, cst.ConcatenatedString):
            parts.append(rest.left)
            rest = rest.right
        parts.append(rest)
        if all(isinstance(part, cst.SimpleString) for part in parts):
            values = [ast.literal_eval(part.value) for part in parts]
            kind = "u" if parts[0].value[0] in "uU" else None
            return ast.Constant(values[0][:0].join(values), kind=kind)
        values = [value for part in parts for value in self.string_values(part)]
        return self.formatted(values, _is_template(parts))

    def _FormattedString(self, node: Any) -> Any:
        return self.formatted(self.string_values(node), _is_template([node]))

    _TemplatedString = _FormattedString

    def formatted(self, values: list[Any], template: bool) -> Any:
        kind: Any = getattr(ast, "TemplateStr", ast.JoinedStr) if template else ast.JoinedStr
        return kind(_merged(values))

    def string_values(self, node: Any) -> list[Any]:
        if isinstance(node, cst.SimpleString):
            return [self.expression(node)]
        quote = node.end
        raw = "r" in node.start.lower().removesuffix(quote)
        interpolation = getattr(ast, "Interpolation", None) if _is_template([node]) else None
        return self.parts(node.parts, quote, raw, interpolation)

    def parts(self, nodes: Iterable[Any], quote: str, raw: bool, interpolation: Any) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, cst.FormattedStringText | cst.TemplatedStringText):
                text = _text(node.value, quote, raw)
                found.append(self.at(ast.Constant(text), self.range(node)))
            else:
                found += self.replacement(node, quote, raw, interpolation)
        return found

    def replacement(self, node: Any, quote: str, raw: bool, interpolation: Any) -> list[Any]:
        """A field in braces: what it gives, behind its own text when it ends with `=`."""
        found: list[Any] = []
        conversion = ord(node.conversion) if node.conversion else -1
        code = self.root.code_for_node(node.expression)
        if node.equal is not None:
            shown = (
                self.root.code_for_node(node.whitespace_before_expression)
                + code
                + self.root.code_for_node(node.equal)
            )
            line, column = self.range(node)[0]
            *lines, last = shown.split("\n")
            end = (line + len(lines), len(last) + (0 if lines else column + 1))
            found.append(self.at(ast.Constant(shown), ((line, column + 1), end)))
            if conversion == -1 and node.format_spec is None:
                conversion = ord("r")
        spec = None
        if node.format_spec is not None:
            values = self.parts(node.format_spec, quote, raw, None)
            spec = self.at(ast.JoinedStr(_merged(values)), self.spec_place(node))
        value = self.expression(node.expression)
        if interpolation is not None:
            new = interpolation(value, code, conversion, spec)
        else:
            new = ast.FormattedValue(value, conversion, spec)
        found.append(self.at(new, self.range(node)))
        return found

    def spec_place(self, node: Any) -> tuple[Place, Place]:
        line, column = self.range(node)[1]
        end = (line, column - 1)
        if not node.format_spec:
            return (line, column - 2), end
        first_line, first_column = self.range(node.format_spec[0])[0]
        return (first_line, first_column - 1), end


def _is_template(parts: Iterable[Any]) -> bool:
    return any(isinstance(part, cst.TemplatedString) for part in parts)


def _text(value: str, quote: str, raw: bool) -> str:
    """What a piece of an f-string between its fields stands for."""
    value = value.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in value:
        return value.replace("\r\n", "\n").replace("\r", "\n")
    # A blank at the end keeps a last quote or backslash from meaning something else.
    return str(ast.literal_eval(f"{quote}{value} {quote}"))[:-1]


def _merged(values: Iterable[Any]) -> list[Any]:
    """Text beside text is one text, and no text is none."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, ast.Constant):
            if value.value == "":
                continue
            if found and isinstance(found[-1], ast.Constant):
                last = found[-1]
                last.value = str(last.value) + str(value.value)
                last.end_lineno, last.end_col_offset = value.end_lineno, value.end_col_offset
                continue
        found.append(value)
    return found
