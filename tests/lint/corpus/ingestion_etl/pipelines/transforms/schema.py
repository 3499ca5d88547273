"""Column types, and how values are coerced to them."""

from __future__ import annotations

import ast
import builtins
import datetime as dt
from typing import Any, Callable

Coercer = Callable[[str], Any]


def _moment(text: str) -> dt.datetime:
    if text.isdigit():
        return dt.datetime.fromtimestamp(int(text), dt.UTC)
    return dt.datetime.fromisoformat(text)


def _computed(text: str) -> Any:
    return eval(text, {"__builtins__": {}})  # expect: DUR142


COERCERS: dict[str, Coercer] = {
    "int": int,
    "text": str,
    "literal": ast.literal_eval,
    "moment": _moment,
    "computed": _computed,
}


class SchemaRegistry:
    """Schemas by table; filled while a run goes on, one registry for each run."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, str]] = {}
        self.version = 0

    def register(self, table: str, columns: dict[str, str]) -> None:
        if self._tables.get(table) != columns:
            self._tables[table] = columns
            self.version += 1

    def columns(self, table: str) -> list[str]:
        return list(self._tables.get(table, {}))

    def __contains__(self, table: str) -> bool:
        return table in self._tables


def coerce(kind: str, text: str) -> Any:
    try:
        return COERCERS[kind](text)
    except (ValueError, SyntaxError):
        return None


def python_type(name: str) -> type:
    return getattr(builtins, name)


def evaluate_default(expression: str) -> Any:
    return eval(compile(expression, "<default>", "eval"))
