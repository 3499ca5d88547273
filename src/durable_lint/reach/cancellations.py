"""A cancellation arrives where code waits, and has to leave it again; whoever keeps it is reported.

Only code that waits is looked at: nothing can be cancelled elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from durable_lint.reach.observations import Swallow, Swallowed
from durable_lint.reach.scopes import Function
from durable_lint.reach.shapes import (
    always_raises,
    escapes,
    first_await,
    head_of,
    leaving_statements,
    yields,
)
from durable_lint.reach.targets import Targets
from durable_lint.reach.values import Bound, External, Func, Instance, Made, members_of

__all__ = ["Cancellations"]

CANCELLATIONS: Final = frozenset(
    {
        "asyncio.CancelledError",
        "asyncio.exceptions.CancelledError",
        "concurrent.futures.CancelledError",
        "anyio.get_cancelled_exc_class",
    }
)
# Whoever calls one of these goes no further.
ENDS: Final = frozenset(
    {
        *("durable_async.continue_as_new", "temporalio.workflow.continue_as_new"),
        *("sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"),
    }
)
# What the last statement is of a function that has no other end than raising.
BRANCHES: Final = (ast.Raise, ast.If, ast.Try, ast.With, ast.AsyncWith)
CONTEXT_MANAGERS: Final = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
# After one of these a task or future has its outcome, or is about to.
ENDING: Final = frozenset({"cancel", "set_exception", "set_result"})


class Cancellations(Targets):
    """What keeps a cancellation to itself."""

    # What stands before the statement that is executed.
    before: ast.stmt | None = None

    def judge_handlers(self, node: ast.Try | ast.TryStar, before: ast.stmt | None) -> None:
        """Which handlers keep a cancellation to themselves."""
        if self.quiet or not self._awaits(node.body):
            return
        for handler in node.handlers:
            kind = self._catches(handler)
            if kind is None:
                continue
            if kind is Swallow.CANCELLED and _awaits_what_was_cancelled(before, node.body):
                continue
            if not _raises(handler, self.never_returns):
                self._swallowed(kind, head_of(handler), falls_through=not escapes(handler.body))
            # What comes after a handler for everything never sees a cancellation.
            break

    def _awaits(self, body: list[ast.stmt]) -> bool:
        """Whether a cancellation may arrive in statements."""
        if self.analysis.yields_await(self.function):
            return first_await(body, generators=True) is not None
        if self._is_context_manager() and yields(body):
            return True  # what happens in the body of the `with` is thrown in at the yield
        return self.is_async and first_await(body, generators=False) is not None

    def _is_context_manager(self) -> bool:
        if self.function is None or not self.function.scan.is_generator:
            return False
        return bool(CONTEXT_MANAGERS & set(self.analysis.decorator_names(self.function)))

    def _catches(self, handler: ast.ExceptHandler) -> Swallow | None:
        if handler.type is None:
            return Swallow.BARE
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in kinds:
            caught = self._caught(kind)
            if caught is not None:
                return caught
        return None

    def _caught(self, node: ast.expr) -> Swallow | None:
        value = self.quietly(node)
        parts = list(members_of(value))
        if type(value) is Instance and value.cls in {"builtins.tuple", "builtins.list"}:
            parts = list(value.items)
        for part in parts:
            if part == External("builtins.BaseException"):
                return Swallow.BASE
            name = part.name if type(part) is External else part.by if type(part) is Made else ""
            if name in CANCELLATIONS:
                return Swallow.CANCELLED
        return None

    def never_returns(self, node: ast.Call) -> bool:
        """Whether whoever calls this goes no further."""
        if not isinstance(node.func, ast.Name | ast.Attribute):
            return False
        match self.quietly(node.func):
            case External(name):
                return name in ENDS
            case Func(function):
                return says_it_never_returns(function) or only_raises(function)
            case Bound(Func(function)):
                return says_it_never_returns(function)
            case _:
                return False

    def judge_finally(self, node: ast.Try | ast.TryStar) -> None:
        """`return`, `break` and `continue` in `finally` drop what is being raised."""
        if self.quiet or not self._awaits(node.body):
            return
        for statement in leaving_statements(node.finalbody):
            self._swallowed(Swallow.FINALLY, statement, type(statement).__name__.lower())

    def judge_suppress(self, node: ast.expr, body: list[ast.stmt]) -> None:
        """`with suppress(CancelledError)` is a handler too."""
        if self.quiet or not isinstance(node, ast.Call) or not self._awaits(body):
            return
        target = self.quietly(node.func)
        if not (type(target) is External and target.name == "contextlib.suppress"):
            return
        if not any(self._caught(argument) for argument in node.args):
            return
        if _awaits_what_was_cancelled(self.before, body):
            return
        self._swallowed(Swallow.SUPPRESS, node)

    def _swallowed(
        self, swallow: Swallow, node: ast.AST, statement: str = "", *, falls_through: bool = True
    ) -> None:
        self.observe(
            Swallowed(
                place=self.place(node),
                dialect=self.dialect,
                in_async=self.is_async,
                swallow=swallow,
                statement=statement,
                falls_through=falls_through,
            )
        )


def says_it_never_returns(function: Function) -> bool:
    """Whether a function is annotated so: `def fail(reason: str) -> NoReturn`."""
    node = function.node
    match None if isinstance(node, ast.Lambda) else node.returns:
        case ast.Name(name) | ast.Attribute(_, name) | ast.Constant(name):
            return name in {"NoReturn", "Never"}
        case _:
            return False


def only_raises(function: Function) -> bool:
    """Whether the body of a function has no other end than raising."""
    node = function.node
    if isinstance(node, ast.Lambda) or not isinstance(node.body[-1], BRANCHES):
        return False
    return always_raises(node.body, lambda _: False)


def _awaits_what_was_cancelled(before: ast.stmt | None, body: list[ast.stmt]) -> bool:
    """`task.cancel()`, then only `await task`: the cancellation that comes is the task's.

    A future that has its outcome already is not waited for at all.
    """
    if len(body) != 1 or not isinstance(body[0], ast.Expr | ast.Assign):
        return False
    if not isinstance(body[0].value, ast.Await):
        return False
    if isinstance(before, ast.If) and not before.orelse:
        before = before.body[-1]
    return (
        isinstance(before, ast.Expr)
        and isinstance(before.value, ast.Call)
        and isinstance(before.value.func, ast.Attribute)
        and before.value.func.attr in ENDING
    ) or (isinstance(before, ast.For) and "cancel" in ast.unparse(before))


def _raises(handler: ast.ExceptHandler, leaving: Callable[[ast.Call], bool]) -> bool:
    """Whether a handler raises for a cancellation on every way."""
    if always_raises(handler.body, leaving):
        return True
    name = handler.name
    for statement in handler.body:
        if isinstance(statement, ast.If) and _tests_cancellation(statement.test, name):
            return always_raises(statement.body, leaving)
        if not isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign):
            return False
    return False


def _tests_cancellation(test: ast.expr, name: str | None) -> bool:
    return (
        isinstance(test, ast.Call)
        and isinstance(test.func, ast.Name)
        and test.func.id == "isinstance"
        and len(test.args) == 2
        and isinstance(test.args[0], ast.Name)
        and test.args[0].id == name
        and any(word in ast.unparse(test.args[1]) for word in ("CancelledError", "BaseException"))
    )
