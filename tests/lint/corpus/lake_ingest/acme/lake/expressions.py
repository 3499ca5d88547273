"""Filters that analysts write: ``amount > 10 and country == 'DE'``."""

from __future__ import annotations

import ast
import json
import marshal
import operator
import re
from collections.abc import Callable, Mapping
from types import CodeType, MappingProxyType
from typing import Any

import durable_async as da
from acme.lake.activities import compact

OPERATORS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = MappingProxyType(
    {ast.Gt: operator.gt, ast.Lt: operator.lt, ast.Eq: operator.eq, ast.NotEq: operator.ne}
)
NAME = re.compile(r"[a-z_]+")
TRUE = compile("True", "<filter>", "eval")


class Filter:
    """A parsed filter; never runs what it is given."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = ast.parse(text, mode="eval").body

    def __call__(self, row: Mapping[str, Any]) -> bool:
        return bool(self._eval(self._tree, row))

    def __and__(self, other: Filter) -> Filter:
        return Filter(f"({self.text}) and ({other.text})")

    def names(self) -> set[str]:
        return {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}

    def _eval(self, node: ast.AST, row: Mapping[str, Any]) -> Any:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self._eval(value, row) for value in values)
            case ast.BoolOp(op=ast.Or(), values=values):
                return any(self._eval(value, row) for value in values)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return OPERATORS[type(op)](self._eval(left, row), self._eval(right, row))
            case ast.Name(id=name):
                return row[name]
            case ast.Constant(value=value):
                return value
            case _:
                raise ValueError(ast.dump(node))


class CompiledFilter(Filter):
    """The old kind, kept for filters that use functions."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._code: CodeType = compile(text, "<filter>", "eval")  # expect: DUR142

    def __call__(self, row: Mapping[str, Any]) -> bool:
        return bool(eval(self._code, {}, dict(row)))  # expect: DUR142

    def frozen(self) -> bytes:
        return marshal.dumps(self._code)


def parse(text: str) -> Filter:
    return CompiledFilter(text) if "(" in text else Filter(text)


def literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return json.loads(text)


@da.orchestrator
async def compact_where(table: str, condition: str, partitions: list[str]) -> int:
    keep = parse(condition)
    rows = [dict(part.split("=", 1) for part in name.split("/")) for name in partitions]
    chosen = [name for name, row in zip(partitions, rows) if keep(row)]
    if unknown := keep.names() - {key for row in rows for key in row}:
        da.set_custom_status({"unknown": sorted(unknown)})
    bounds = literal(NAME.sub("0", "[a, b]"))
    return sum([await compact(table, [name]) for name in chosen]) if bounds else 0
