"""A context manager is entered and left; what it does on both ends is reached."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.names import rendered
from durable_lint.reach.notation import parse_type
from durable_lint.reach.orders import Orders
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    External,
    Instance,
    Made,
    Object,
    Pend,
    Value,
    join,
    members_of,
)

__all__ = ["Contexts"]

LIMITS: Final = frozenset(
    {
        "asyncio.timeout",
        "asyncio.timeout_at",
        "anyio.fail_after",
        "anyio.move_on_after",
        "anyio.CancelScope",
        "async_timeout.timeout",
    }
)


class Contexts(Orders):
    """What with-statements and exit stacks enter."""

    def enter(self, value: Value, node: ast.expr, *, asynchronous: bool) -> Value:
        start, end = ("__aenter__", "__aexit__") if asynchronous else ("__enter__", "__exit__")
        joined: Value = NOTHING
        for part in members_of(self.settle(value)):
            match part:
                case Object():
                    made = self.dunder(part, start, Given(), node)
                    self.dunder(part, end, Given((UNKNOWN, UNKNOWN, UNKNOWN)), node)
                    joined = join(joined, made.gives if type(made) is Pend else (made or UNKNOWN))
                case Instance("context" | "coroutine", items):
                    joined = join(joined, items[0] if items else UNKNOWN)
                case Pend(_, _, gives):
                    joined = join(joined, self.enter(gives, node, asynchronous=asynchronous))
                case Instance():
                    joined = join(joined, self._entered(part, start))
                case Made():
                    joined = join(joined, part)
                case _:
                    joined = join(joined, UNKNOWN)
        return joined

    def _entered(self, part: Instance, start: str) -> Value:
        known = self.vocabulary.member_result(rendered(part), start)
        if known is None:
            return part
        value = parse_type(known, part.items)
        if type(value) is Instance and value.cls == "coroutine":
            return value.items[0]
        return value

    def is_limit(self, node: ast.expr) -> bool:
        """Whether a context ends what stands in it after some time."""
        if not isinstance(node, ast.Call):
            return False
        target = self.quietly(node.func)
        return type(target) is External and target.name in LIMITS

    def may_suppress(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            if isinstance(item.context_expr, ast.Call):
                target = self.quietly(item.context_expr.func)
                if not (
                    type(target) is External
                    and target.name.startswith(("asyncio.", "builtins.open", "durable_async."))
                ):
                    return True
        return False
