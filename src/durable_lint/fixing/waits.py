"""DUR133: `await` before a call. Invariant: what was awaited already is not awaited twice."""

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.plan import Plan
from durable_lint.fixing.scopes import FUNCTIONS
from durable_lint.model import Finding

__all__ = ["mend_missing_await"]

_TAKES_AWAITABLES: Final = frozenset(
    {
        "Task",
        "append",
        "as_completed",
        "create_task",
        "ensure_future",
        "gather",
        "iscoroutine",
        "isawaitable",
        "run",
        "run_until_complete",
        "shield",
        "start",
        "start_soon",
        "wait",
        "wait_for",
    }
)


def mend_missing_await(module: Module, finding: Finding) -> Plan | None:
    """Put `await` before the call, in parentheses where its result's attribute is meant."""
    call = next((node for node in module.at(finding.span) if isinstance(node, ast.Call)), None)
    if call is None or not module.scopes.may_await(call):
        return None
    parent = module.parent(call)
    if isinstance(parent, ast.Await | ast.YieldFrom) or _is_awaited_later(module, call, parent):
        return None
    start, end = module.range(call)
    space = " " if module.joins(start) else ""
    if _is_operand(parent, call) and not _is_in_parentheses(module, start, end):
        around = end - start
        opening = Edit(start, start, f"{space}(await ", around)
        return Plan((opening, Edit(end, end, ")", around, closes=True)))
    return Plan((Edit(start, start, f"{space}await ", end - start),))


def _is_operand(parent: ast.AST, call: ast.Call) -> bool:
    match parent:
        case ast.Attribute(value=value) | ast.Subscript(value=value):
            return value is call
        case ast.Call(func=function):
            return function is call
        case _:
            return False


def _is_in_parentheses(module: Module, start: int, end: int) -> bool:
    """Whether parentheses of its own are there already, and are no call's."""
    text = module.text
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return False
    before = text[start - 2 : start - 1]
    return not (before.isalnum() or before in {"_", ")", "]", "'", '"'})


def _is_awaited_later(module: Module, call: ast.Call, parent: ast.AST) -> bool:
    """Whether the call is kept in a name that is awaited, or handed to who awaits it."""
    name = _kept_in(parent, call)
    if name is None:
        return False
    return any(_is_awaited(module, use) for use in _uses(module, name, call))


def _kept_in(parent: ast.AST, call: ast.Call) -> str | None:
    match parent:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name if value is call else None
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
            return name
        case _:
            return None


def _uses(module: Module, name: str, call: ast.Call) -> Iterator[ast.Name]:
    """Where the function that holds the call reads the name."""
    function: ast.AST = module.tree
    for parent, _ in module.scopes.ancestors(call):
        if isinstance(parent, FUNCTIONS):
            function = parent
            break
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node


def _is_awaited(module: Module, use: ast.Name) -> bool:
    parent = module.parent(use)
    if isinstance(parent, ast.Starred | ast.List | ast.Tuple | ast.Set):
        parent = module.parent(parent)
    match parent:
        case ast.Await() | ast.Return() | ast.Yield() | ast.YieldFrom():
            return True
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name in _TAKES_AWAITABLES
        case _:
            return False
