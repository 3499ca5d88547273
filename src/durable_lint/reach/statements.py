"""Statements run in order; where ways meet, a name may be what it is on either.

Loops are read until what their names may be stops growing. What is reported is reported once for
its place, however often a body is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from durable_lint.model import Span
from durable_lint.reach.annotations import promised
from durable_lint.reach.cancellations import Cancellations
from durable_lint.reach.facts import Given
from durable_lint.reach.iteration import lone, without_disorder
from durable_lint.reach.observations import EndlessLoop
from durable_lint.reach.places import Place
from durable_lint.reach.rounds import minds_order
from durable_lint.reach.scopes import imports, is_type_checking
from durable_lint.reach.shapes import (
    binds,
    breaks,
    declares,
    first_await,
    has_exit,
    reads_and_ends,
    yields,
)
from durable_lint.reach.values import (
    UNKNOWN,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Object,
    Pend,
    Value,
    join,
    members_of,
)

__all__ = ["Statements"]

# How often the body of a loop is read at most, by how many loops stand round it: a value travels
# through two names in three rounds. Rounds of loops within loops multiply, and those round one read
# it again.
ROUNDS: Final = (3, 2, 2, 1)

Loop = ast.While | ast.For | ast.AsyncFor


class Statements(Cancellations):
    """Execution."""

    def execute(self, body: list[ast.stmt]) -> bool:
        for place, statement in enumerate(body):
            handler = STATEMENTS.get(type(statement))
            if handler is None:
                continue
            self.before = body[place - 1] if place else None
            if handler(self, statement) is False:
                return False
        return True

    # ------------------------------------------------------------ simple statements

    def _expression(self, node: ast.Expr) -> bool:
        value = self.evaluate(node.value)
        self.lost(value, node.value, "dropped")
        self.dropped_together(value, node.value, "dropped")
        if isinstance(node.value, ast.Call):
            return not self.never_returns(node.value)
        return True

    def _assign(self, node: ast.Assign) -> bool:
        value = self.settle_argument(self.evaluate(node.value))
        for target in node.targets:
            self.note_unused(target, value, node.value)
            self.bind(target, value, node.value)
        return True

    def _annotated(self, node: ast.AnnAssign) -> bool:
        if node.value is None:
            if isinstance(node.target, ast.Name) and self.function is not None:
                known = self.analysis.annotation(
                    node.annotation, self.module, self.scope_of_annotations()
                )
                if known is not UNKNOWN:
                    self.env[node.target.id] = known
            return True
        value = self.settle_argument(self.evaluate(node.value))
        known = self.analysis.annotation(node.annotation, self.module, self.scope_of_annotations())
        value = promised(value, known)
        self.note_unused(node.target, value, node.value)
        self.bind(node.target, value, node.value)
        return True

    def _return(self, node: ast.Return) -> bool:
        value: Value = Constant(None, "NoneType")
        if node.value is not None:
            value = self.settle_argument(self.evaluate(node.value))
            self.consume(value)
            self._hand_back(value, node.value)
            if self.disorders:
                names = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
                self.confirm(self.tainted(names))
        self.facts.returns = join(self.facts.returns, without_disorder(value))
        return False

    def _hand_back(self, value: Value, node: ast.expr) -> None:
        for part in members_of(value):
            if type(part) is External and self.function is not None:
                self.reference(part, node)

    def _raise(self, node: ast.Raise) -> bool:
        for part in (node.exc, node.cause):
            if part is not None:
                value = self.evaluate(part)
                if type(value) is Class:
                    self.instantiate(value.scope, Given(), part)
        return False

    def _stop(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Break) and self.disorders:
            self._broke()
        return False

    def _broke(self) -> None:
        """Leaving a loop over a set keeps the element that happened to come first."""
        loop = self.disorders[-1]
        if self.function is None:
            return
        if self._last_reads is None:
            self._last_reads, self._ends = reads_and_ends(self.function.node)
        end = self._ends.get(loop.line, loop.line)
        if any(self._last_reads.get(name, 0) > end for name in loop.names):
            self.confirm(loop.seen)

    # The last line on which each name is read, and the last line of each loop by the line of its
    # iterable.
    _last_reads: dict[str, int] | None = None
    _ends: dict[int, int]

    def _assert(self, node: ast.Assert) -> bool:
        self.test_value(self.evaluate(node.test), node.test)
        if node.msg is not None:
            self.evaluate(node.msg)
        self._narrow(node.test, positive=True)
        self.lone |= lone(node.test, positive=True)
        return True

    def _import(self, node: ast.Import | ast.ImportFrom) -> bool:
        for name, binding in imports(node):
            if name != "*":
                self.env[name] = self.analysis.imported(self.module, binding)
        return True

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.evaluate(default)
        made = self.analysis.nested(node, self.module, self.function)
        value: Value = Func(made)
        for decorator in reversed(node.decorator_list):
            call = ast.copy_location(ast.Call(decorator, [], []), decorator)
            value = self.invoke(self.evaluate(decorator), Given((self._seen(value),)), call)
            if value is UNKNOWN:
                value = Func(made)
        self.env[node.name] = value
        return True

    def _seen(self, value: Value) -> Value:
        return self.captured(value) if type(value) is Func else value

    def _class(self, node: ast.ClassDef) -> bool:
        scope = self.analysis.local_class(node, self.module, self.function)
        self.env[node.name] = Class(scope)
        for base in node.bases:
            self.evaluate(base)
        for statement in node.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                self.evaluate(statement.value)
        return True

    # ------------------------------------------------------------ ways that part and meet

    def _if(self, node: ast.If) -> bool:
        if is_type_checking(node.test):
            return self.execute(node.orelse) if node.orelse else True
        test = self.evaluate(node.test)
        self.test_value(test, node.test)
        may_hold, may_fail = _outcomes(node.test)
        before = self.fork()
        once = self.once
        guard = self._replay_guard(node.test)
        self.once = once or guard is True
        known = self.lone
        self.lone = known | lone(node.test, positive=True)
        self._narrow(node.test, positive=True)
        goes_on = may_hold and self.execute(node.body)
        after = self.env
        self.env = before
        self.once = once or guard is False
        other_lone = self.lone = known | lone(node.test, positive=False)
        self._narrow(node.test, positive=False)
        other = may_fail and self.execute(node.orelse)
        self.once = once or (guard is False and not goes_on)
        self.lone = known if goes_on else other_lone
        if goes_on and other:
            self.env = self._meet(after, self.env)
        elif goes_on:
            self.env = after
        return goes_on or other

    def _replay_guard(self, test: ast.expr) -> bool | None:
        """True when the body runs only once, not in replay; False when the other way does."""
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        inner = test.operand if isinstance(test, ast.UnaryOp) and negated else test
        target: Value = UNKNOWN
        if isinstance(inner, ast.Call):
            target = self.quietly(inner.func)
        elif isinstance(inner, ast.Attribute) and inner.attr == "is_replaying":
            return negated
        if type(target) is External and target.name in {
            "durable_async.is_replaying",
            "temporalio.workflow.unsafe.is_replaying",
        }:
            return negated
        return None

    def _narrow(self, test: ast.expr, *, positive: bool) -> None:
        """What `isinstance` says about a name."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self._narrow(test.operand, positive=not positive)
            return
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and positive:
            for part in test.values:
                self._narrow(part, positive=True)
            return
        if not (
            positive
            and isinstance(test, ast.Call)
            and isinstance(test.func, ast.Name)
            and test.func.id == "isinstance"
            and len(test.args) == 2
            and isinstance(test.args[0], ast.Name)
        ):
            return
        name = test.args[0].id
        before = self.env.get(name, UNKNOWN)
        known = self.analysis.annotation(test.args[1], self.module, self.scope_of_annotations())
        if known is not UNKNOWN and not isinstance(before, Object | Instance) and name in self.env:
            self.env[name] = known

    def _meet(self, one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
        """The names where two ways come together."""
        if one is other:
            return one
        met = dict(one)
        for name, value in other.items():
            mine = met.get(name)
            met[name] = value if mine is None else join(mine, value)
        return met

    def _while(self, node: ast.While) -> bool:
        test = node.test
        endless = self._always_holds(test, node.body)
        continued = self.facts.continues
        self.facts.continues = False
        self._rounds(node.body, lambda: self.test_value(self.evaluate(test), test))
        if endless:
            self._endless(node, node.body)
        self.facts.continues = self.facts.continues or continued
        self.execute(node.orelse)
        return not endless or breaks(node.body)

    def _always_holds(self, test: ast.expr, body: list[ast.stmt]) -> bool:
        """Whether a test is true in each round: `True`, or a name that nobody binds again."""
        if not isinstance(test, ast.Name):
            return isinstance(test, ast.Constant) and bool(test.value)
        function = self.function
        if function is None or test.id in function.scan.parameters:
            return False
        value = self.quietly(test)
        if type(value) is not Constant or not value.value or binds(body, test.id):
            return False
        return not declares(function.node if test.id in self.env else self.module.tree, test.id)

    def _endless(self, node: Loop, body: list[ast.stmt]) -> None:
        if self.limits:
            return
        awaited = first_await(body, generators=self.analysis.yields_await(self.function))
        if awaited is None or self.facts.continues or has_exit(body):
            return
        if self.is_async and yields(body):
            return  # whoever iterates says when it ends
        if self.analysis.may_report_endless(self.function):
            text = ast.unparse(awaited)
            self.observe(
                EndlessLoop(
                    place=self._head_of(node),
                    dialect=self.dialect,
                    in_async=self.is_async,
                    awaits=text if len(text) <= 50 else text[:47] + "...",
                )
            )

    def _head_of(self, node: Loop) -> Place:
        """Where a loop begins, up to its colon."""
        head = self.span(node.test if isinstance(node, ast.While) else node.iter)
        place = self.place(node)
        return place._replace(span=Span(*place.span[:2], *head[2:]))

    def _rounds(self, body: list[ast.stmt], start: Callable[[], None]) -> None:
        """Read the body of a loop until its names stop growing. start: begins each round."""
        rounds = ROUNDS[min(self.loops, len(ROUNDS) - 1)]
        self.loops += 1
        for _ in range(rounds):
            before = self.fork()
            start()
            self.execute(body)
            self.env = self._meet(before, self.env)
            if self.env == before:
                break
        self.loops -= 1

    # How many loops stand round what is read now.
    loops = 0

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        source = self.evaluate(node.iter)
        asynchronous = isinstance(node, ast.AsyncFor)
        if type(source) is Pend:
            self.dropped(source, node.iter, "as a value")
            source = UNKNOWN
        if asynchronous:
            self.confirm_loops()
            self.foreign(source, node.iter, "async for")
        element = self.element(source, node.iter, asynchronous=asynchronous)
        loops = len(self.disorders)
        if self.enter_loop(source, node.iter, node.target) and minds_order(node):
            self.confirm(self.disorders[-1].seen)
        continued, self.facts.continues = self.facts.continues, False
        self._rounds(node.body, lambda: self.bind(node.target, element))
        if self._counts_for_ever(node.iter):
            self._endless(node, node.body)
        self.facts.continues = self.facts.continues or continued
        del self.disorders[loops:]
        self.execute(node.orelse)
        return True

    def _counts_for_ever(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call):
            return False
        target = self.quietly(node.func)
        if type(target) is not External:
            return False
        return target.name in {"itertools.count", "itertools.cycle"} or (
            target.name == "itertools.repeat" and len(node.args) == 1
        )

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        asynchronous = isinstance(node, ast.AsyncWith)
        for item in node.items:
            value = self.evaluate(item.context_expr)
            if type(value) is Pend and not asynchronous:
                self.dropped(value, item.context_expr, "as a value")
            if asynchronous:
                self.confirm_loops()
                self.foreign(value, item.context_expr, "async with")
            entered = self.enter(value, item.context_expr, asynchronous=asynchronous)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, entered)
            self.judge_suppress(item.context_expr, node.body)
        limited = any(self.is_limit(item.context_expr) for item in node.items)
        self.limits += limited
        goes_on = self.execute(node.body)
        self.limits -= limited
        return goes_on or self.may_suppress(node)

    # ------------------------------------------------------------ exceptions

    def _try(self, node: ast.Try | ast.TryStar) -> bool:
        before, cancels = self.fork(), self.before
        goes_on = self.execute(node.body)
        if goes_on and node.orelse:
            goes_on = self.execute(node.orelse)
        after = self.env
        ends: list[dict[str, Value]] = [after] if goes_on else []
        self.judge_handlers(node, cancels)
        for handler in node.handlers:
            self.env = self._meet(before, after)
            if handler.type is not None:
                self.quietly(handler.type)
            if handler.name:
                self.env[handler.name] = UNKNOWN
            if self.execute(handler.body):
                ends.append(self.env)
        merged = ends[0] if ends else self._meet(before, after)
        for end in ends[1:]:
            merged = self._meet(merged, end)
        self.env = merged
        if node.finalbody:
            self.judge_finally(node)
            if not self.execute(node.finalbody):
                return False
        return bool(ends)

    # ------------------------------------------------------------ match

    def _match(self, node: ast.Match) -> bool:
        subject = self.evaluate(node.subject)
        if type(subject) is Pend:
            self.dropped(subject, node.subject, "as a value", of_a_task=True)
        if any(isinstance(case.pattern, ast.MatchSequence) for case in node.cases):
            self.confirm(self.disorder_of(subject, node.subject, "unpacking"))
        before = self.fork()
        ends: list[dict[str, Value]] = []
        complete = False
        for case in node.cases:
            self.env = dict(before) if before is not self.env else before
            self._pattern(case.pattern, subject)
            if case.guard is not None:
                self.test_value(self.evaluate(case.guard), case.guard)
            if self.execute(case.body):
                ends.append(self.env)
            if (
                isinstance(case.pattern, ast.MatchAs)
                and case.pattern.pattern is None
                and case.guard is None
            ):
                complete = True
        if not complete:
            ends.append(before)
        if not ends:
            return False
        merged = ends[0]
        for end in ends[1:]:
            merged = self._meet(merged, end)
        self.env = merged
        return True

    def _pattern(self, pattern: ast.pattern, subject: Value) -> None:
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self._pattern(pattern.pattern, subject)
                if isinstance(pattern.pattern, ast.MatchClass):
                    subject = self.analysis.annotation(
                        pattern.pattern.cls, self.module, self.scope_of_annotations()
                    )
            if pattern.name:
                self.env[pattern.name] = subject
            return
        if isinstance(pattern, ast.MatchClass):
            subject = self.analysis.annotation(
                pattern.cls, self.module, self.scope_of_annotations()
            )
            for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                self._pattern(part, self.attribute(subject, name, pattern.cls))
            for part in pattern.patterns:
                self._pattern(part, UNKNOWN)
            return
        for child in ast.iter_child_nodes(pattern):
            if isinstance(child, ast.pattern):
                self._pattern(child, UNKNOWN)
        rest = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
        if isinstance(rest, str):
            self.env[rest] = UNKNOWN


# ------------------------------------------------------------------ shapes of code


def _outcomes(test: ast.expr) -> tuple[bool, bool]:
    """Whether a test may come out true, and whether false."""
    if isinstance(test, ast.Constant):
        return bool(test.value), not test.value
    return True, True


STATEMENTS: Final[dict[type[ast.stmt], Callable[[Statements, Any], bool]]] = {
    ast.Expr: Statements._expression,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Delete: Statements._delete,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Break: Statements._stop,
    ast.Continue: Statements._stop,
    ast.Assert: Statements._assert,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import,
    ast.FunctionDef: Statements._function,
    ast.AsyncFunctionDef: Statements._function,
    ast.ClassDef: Statements._class,
    ast.If: Statements._if,
    ast.While: Statements._while,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.Match: Statements._match,
}
