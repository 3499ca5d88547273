"""DUR135: a handler lets cancellations pass. Invariant: ordinary errors end where they ended.

`except:` and `except BaseException:` become `except Exception:`, whatever they do. What catches
cancellations alone gets a `raise` at its end, which is met on every path that gets that far: one
that returns, breaks or continues somewhere is left alone. So is one that names other errors beside
the cancellation: which part of it is meant for those, nobody can tell.
"""

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.plan import Plan
from durable_lint.fixing.scopes import FUNCTIONS
from durable_lint.model import Finding

__all__ = ["mend_handler"]

_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)


def mend_handler(module: Module, finding: Finding) -> Plan | None:
    """Narrow the handler, or raise again at its end; where it does nothing, instead of that."""
    handler = _handler_on(module, finding)
    if handler is None:
        return None
    if not _catches_everything(handler):
        return _raised_again(module, handler) if _catches_nothing_else(handler) else None
    if _errors_end_above(module, handler):
        return _raised_again(module, handler)
    return _narrowed(module, handler)


def _narrowed(module: Module, handler: ast.ExceptHandler) -> Plan | None:
    if not module.is_builtin("Exception", handler):
        return None
    if handler.type is None:
        start, _ = module.range(handler)
        behind = start + len("except")
        return Plan((Edit(behind, behind, " Exception"),))
    start, end = module.range(handler.type)
    if module.commented(start, end):
        return None
    return Plan((Edit(start, end, "Exception"),))


def _raised_again(module: Module, handler: ast.ExceptHandler) -> Plan | None:
    if _leaves(handler.body):
        return None
    last = handler.body[-1]
    if isinstance(last, ast.Raise):
        return None
    if _does_nothing(last):
        return Plan((Edit(*module.range(last), "raise"),))
    first = handler.body[0]
    lead = module.line(first.lineno)[: module.source.span(first).column - 1]
    if lead.strip():  # on the line of the `except`
        _, end = module.range(last)
        return Plan((Edit(end, end, "; raise"),))
    return Plan((_new_line(module, last, lead),))


def _handler_on(module: Module, finding: Finding) -> ast.ExceptHandler | None:
    """The handler whose `except` a finding underlines a part of."""
    on_line = module.on(finding.span.line)
    return next((node for node in on_line if isinstance(node, ast.ExceptHandler)), None)


def _new_line(module: Module, last: ast.stmt, lead: str) -> Edit:
    """A line of its own behind the last statement, and behind a comment on its line."""
    line = (last.end_lineno or last.lineno) + 1
    place = module.line_start(line)
    if line > module.line_count:  # the file ends without a line end
        return Edit(place, place, f"{module.newline}{lead}raise")
    return Edit(place, place, f"{lead}raise{module.newline}")


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it is one for ordinary errors and for cancellations."""
    return handler.type is None or "BaseException" in _named(handler.type)


def _catches_nothing_else(handler: ast.ExceptHandler) -> bool:
    """Whether it is one for cancellations alone; what is no plain name is believed."""
    caught = handler.type
    if not isinstance(caught, ast.Tuple):
        return True
    return all(name == "CancelledError" for name in _named(caught))


def _errors_end_above(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether ordinary errors never come so far: a handler above takes them."""
    parent = module.parent(handler)
    handlers: list[ast.ExceptHandler] = getattr(parent, "handlers", [])
    above = handlers[: handlers.index(handler)]
    return any(each.type is not None and "Exception" in _named(each.type) for each in above)


def _named(caught: ast.expr) -> list[str]:
    """Last names of the classes that a handler names; "" for what has none."""
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return [
        node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in each
    ]


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
        case _:
            return False


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a path leaves the handler without raising and before its end."""
    return any(
        isinstance(node, ast.Return) or (not in_loop and isinstance(node, ast.Break | ast.Continue))
        for statement in body
        for node, in_loop in _statements(statement, in_loop=False)
    )


def _statements(node: ast.AST, *, in_loop: bool) -> Iterator[tuple[ast.AST, bool]]:
    """A statement and those in it, with whether a loop of the handler's own is round each."""
    yield node, in_loop
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
        return
    for name, children in ast.iter_fields(node):
        if not isinstance(children, list):
            continue
        looped = in_loop or (isinstance(node, _LOOPS) and name == "body")
        for child in children:
            if isinstance(child, ast.AST):
                yield from _statements(child, in_loop=looped)
