"""Tools that an agent may call by name."""

from collections.abc import Callable
from typing import Any

ToolFn = Callable[..., Any]


class ToolRegistry:
    def __init__(self) -> None:
        self._tools: dict[str, ToolFn] = {}

    def tool(self, name: str, *, description: str = "") -> Callable[[ToolFn], ToolFn]:
        def register(fn: ToolFn) -> ToolFn:
            self._tools[name] = fn
            fn.__doc__ = fn.__doc__ or description
            return fn

        return register

    def names(self) -> list[str]:
        return sorted(self._tools)

    def run(self, name: str, arguments: dict[str, Any]) -> Any:
        return self._tools[name](**arguments)

    def describe(self) -> str:
        return "\n".join(f"- {name}: {fn.__doc__}" for name, fn in sorted(self._tools.items()))


registry = ToolRegistry()
