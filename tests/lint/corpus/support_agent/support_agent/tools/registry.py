from __future__ import annotations

import inspect
from collections.abc import Callable

from ..types import ToolFunction, ToolSpec

TOOLS: dict[str, ToolSpec] = {}


def tool(name: str, *tags: str) -> Callable[[ToolFunction], ToolFunction]:
    """Registers a coroutine function (or an activity) under a name that the model sees."""

    def register(function: ToolFunction) -> ToolFunction:
        if name in TOOLS:
            raise ValueError(f"tool {name!r} is registered twice")
        TOOLS[name] = ToolSpec(name, inspect.getdoc(function) or "", function, frozenset(tags))
        return function

    return register


def describe() -> list[dict[str, str]]:
    return [{"name": spec.name, "description": spec.description} for spec in TOOLS.values()]


def by_tag(tag: str) -> list[ToolSpec]:
    return [spec for spec in TOOLS.values() if tag in spec.tags]


def all_tags() -> set[str]:
    return set().union(*(spec.tags for spec in TOOLS.values()))
