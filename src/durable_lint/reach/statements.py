"""Statements run in order; where ways meet, a name may be what it is on either.

Loops are read until what their names may be stops growing. What is reported is reported once for
its place, however often a body is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final

from durable_lint.reach.annotations import promised
from durable_lint.reach.expressions import Expressions
from durable_lint.reach.facts import Given
from durable_lint.reach.iteration import lone, without_disorder
from durable_lint.reach.observations import EndlessLoop, Swallow
from durable_lint.reach.scopes import ClassScope, imports, is_type_checking
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Made,
    Object,
    Pend,
    Value,
    join,
    members_of,
    parse_type,
)

__all__ = ["Statements"]

# How often the body of a loop is read at most, by how many loops stand round it: a value travels through
# two names in three rounds. Rounds of loops within loops multiply, and those round one read it again.
ROUNDS: Final = (3, 2, 2, 1)
CANCELLATIONS: Final = frozenset(
    {
        "asyncio.CancelledError",
        "asyncio.exceptions.CancelledError",
        "concurrent.futures.CancelledError",
        "concurrent.futures.CancelledError",
        "anyio.get_cancelled_exc_class",
    }
)
CONTEXT_MANAGERS: Final = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
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
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Statements(Expressions):
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

    before: ast.stmt | None = None

    # ------------------------------------------------------------ simple statements

    def _expression(self, node: ast.Expr) -> bool:
        value = self.evaluate(node.value)
        for part in members_of(value):
            if type(part) is Pend:
                self.dropped(part, node.value, "dropped")
        self._dropped_together(value, node.value, "dropped")
        if isinstance(node.value, ast.Call):
            return not self._never_returns(node.value)
        return True

    def _dropped_together(self, value: Value, node: ast.expr, use: str) -> None:
        """A list of calls that nobody awaits, written out or made by a comprehension."""
        if not isinstance(node, ast.List | ast.ListComp | ast.Tuple) or type(value) is not Instance:
            return
        for item in value.items:
            for part in members_of(item):
                if type(part) is Pend:
                    self.dropped(part, node, use)

    def _never_returns(self, node: ast.Call) -> bool:
        target = (
            self.quietly(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else UNKNOWN
        )
        return type(target) is External and target.name in {
            "durable_async.continue_as_new",
            "temporalio.workflow.continue_as_new",
            "sys.exit",
        }

    def _assign(self, node: ast.Assign) -> bool:
        value = self.settle_argument(self.evaluate(node.value))
        for target in node.targets:
            self._note_unused(target, value, node.value)
            self.bind(target, value, node.value)
        return True

    def _note_unused(self, target: ast.expr, value: Value, node: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(node, ast.Tuple | ast.List):
            if (
                len(target.elts) == len(node.elts)
                and type(value) is Instance
                and len(value.items) == len(node.elts)
            ):
                for part, item, source in zip(target.elts, value.items, node.elts, strict=True):
                    self._note_unused(part, item, source)
            return
        if isinstance(target, ast.Tuple | ast.List) and type(value) is Pend:
            self.dropped(value, node, "as a value")
            return
        if not isinstance(target, ast.Name) or self.function is None:
            return
        scan = self.function.scan
        if target.id not in scan.loads and target.id in scan.bound:
            if type(value) is Pend:
                self.dropped(value, node, "unused")
            else:
                self._dropped_together(value, node, "unused")

    def bind(self, target: ast.expr, value: Value, source: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            self._bind_name(target, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, value, source)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, Instance("builtins.list", (self.element(value, target),)))
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._bind_item(target, value)

    def _bind_name(self, target: ast.Name, value: Value) -> None:
        name = target.id
        function = self.function
        if function is not None and name in function.scan.globals:
            self.wrote(f"{self.module.dotted}.{name}", target, "global")
            self.analysis.rebound(self.module, name, value)
            self.env[name] = value
            return
        if function is not None and name in function.scan.nonlocals:
            self.env[name] = join(self.env.get(name, NOTHING), value)
            return
        for loop in self.disorders:
            loop.names.add(name) if self._hangs(value) else None
        self.env[name] = self.take_order(value)

    def _hangs(self, value: Value) -> bool:
        return type(value) is not Constant

    def _unpack(self, target: ast.Tuple | ast.List, value: Value, source: ast.expr | None) -> None:
        starred = any(isinstance(element, ast.Starred) for element in target.elts)
        if source is not None and (starred or len(target.elts) > 1):
            self.confirm(self.disorder_of(value, source, "unpacking"))
        parts = value.items if type(value) is Instance and value.cls == "builtins.tuple" else None
        if parts is not None and len(parts) == len(target.elts) and not starred:
            for element, part in zip(target.elts, parts, strict=True):
                self.bind(element, part)
            return
        each = self.element(value, source or target)
        for element in target.elts:
            self.bind(element, each)

    def _bind_attribute(self, target: ast.Attribute, value: Value) -> None:
        receiver = self.evaluate(target.value)
        for part in members_of(receiver):
            if type(part) is Object:
                self._setters(part, target, value)
                if part.state:
                    self.wrote(part.state, target, "attribute")
                self.analysis.hold(part.scope, target.attr, self._told_value(value, target))
                self.mutated_receiver(target)
            elif type(part) is Class:
                state = (
                    self.state_of_class(part, target.attr) or f"{part.scope.state}.{target.attr}"
                )
                self.wrote(state, target, "attribute")
                self.analysis.rebound(self._holder_of(part.scope, target.attr), target.attr, value)
            else:
                self._bind_elsewhere(part, target, value)
        self.consume(value)

    def _setters(self, part: Object, target: ast.Attribute, value: Value) -> None:
        """Code that runs when an attribute is set: of a property, a descriptor, `__setattr__`."""
        setter = self.analysis.setter(part.scope, target.attr)
        if setter is not None:
            self.analysis.contribute(setter, part, Given((value,)))
            self.edge(Func(setter), part, target)
        general = self.analysis.method(part.scope, "__setattr__")
        if general is not None:
            self.edge(Func(general), Object(part.scope, part.exact), target)
        for owner in self.analysis.mro(part.scope):
            if isinstance(owner, ClassScope) and target.attr in owner.bindings:
                _, held = self.analysis.class_binding(owner, target.attr)
                if type(held) is Object:
                    self.dunder(held, "__set__", Given((part, value)), target)

    def _holder_of(self, scope: ClassScope, name: str) -> ClassScope:
        """The class in whose body a name is bound; the class itself when it is in none."""
        for owner in self.analysis.mro(scope):
            if isinstance(owner, ClassScope) and name in owner.bindings:
                return owner
        return scope

    def _bind_elsewhere(
        self, part: Value, target: ast.Attribute, value: Value = UNKNOWN
    ) -> None:
        from durable_lint.reach.values import ModuleValue

        if type(part) is ModuleValue:
            self.analysis.met(self.module, part.module)
            self.wrote(f"{part.module.dotted}.{target.attr}", target, "attribute")
            self.analysis.rebound(part.module, target.attr, value)
        elif type(part) is Instance and part.state:
            self.wrote(part.state, target, "attribute")

    def _told_value(self, value: Value, target: ast.expr) -> Value:
        return value

    def _bind_item(self, target: ast.Subscript, value: Value) -> None:
        receiver = self.quiet_target(target.value)
        index = self.evaluate(target.slice)
        for part in members_of(receiver):
            match part:
                case Instance(cls, items):
                    self.wrote(part.state, target, "item")
                    self.mutated_receiver(target)
                    if len(items) == 2:
                        disorder = part.disorder or (
                            self.disorders[-1].seen if self.disorders else None
                        )
                        changed = Instance(
                            cls,
                            (join(items[0], index), join(items[1], value)),
                            disorder,
                            part.state,
                        )
                        self.rebind(target.value, changed)
                        if part.state:
                            self.analysis.grow(part.state, changed)
                    elif len(items) == 1 and cls == "builtins.list":
                        self.rebind(
                            target.value,
                            Instance(cls, (join(items[0], value),), part.disorder, part.state),
                        )
                case Object():
                    self.dunder(part, "__setitem__", Given((index, value)), target)
                    if part.state:
                        self.wrote(part.state, target, "item")
                case _:
                    self.mutated_receiver(target)

    def quiet_target(self, node: ast.expr) -> Value:
        """The value of what is changed: that it is read to change it is no read of state."""
        reads = len(self.facts.reads)
        value = self.evaluate(node)
        del self.facts.reads[reads:]
        return value

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
        self._note_unused(node.target, value, node.value)
        self.bind(node.target, value, node.value)
        return True

    def _augmented(self, node: ast.AugAssign) -> bool:
        value = self._operand(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            before = self.lookup(target.id)
            if self.function is not None and target.id in self.function.scan.globals:
                self.wrote(f"{self.module.dotted}.{target.id}", target, "global")
                return True
            after = self.operate(before, node.op, value, target, in_place=True)
            state = before.state if isinstance(before, Instance) else ""
            if isinstance(before, Instance) and state:
                self.wrote(state, target, "augmented")
            after = self._augmented_order(before, value, node, after)
            self.env[target.id] = after
        elif isinstance(target, ast.Attribute):
            receiver = self.quiet_target(target.value)
            self.consume(value)
            self._augmented_attribute(receiver, target, value, node)
        elif isinstance(target, ast.Subscript):
            self._bind_item(target, value)
        return True

    def _augmented_order(
        self, before: Value, value: Value, node: ast.AugAssign, after: Value
    ) -> Value:
        """Adding to a list or a text within a loop over a set takes the set's order."""
        if not isinstance(node.op, ast.Add):
            return after
        kinds = {part.cls for part in members_of(before) if type(part) is Instance}
        kinds |= {f"builtins.{part.kind}" for part in members_of(before) if type(part) is Constant}
        if not kinds & {"builtins.list", "builtins.str"}:
            return after
        seen = self.disorders[-1].seen if self.disorders else None
        if seen is None and type(value) is Instance:
            seen = self.disorder_of(value, node.value, "extend")
        if seen is None:
            return after
        made = after if type(after) is Instance else Instance(next(iter(kinds)))
        return Instance(made.cls, made.items, seen, made.state)

    def _augmented_attribute(
        self, receiver: Value, target: ast.Attribute, value: Value, node: ast.AugAssign
    ) -> None:
        for part in members_of(receiver):
            if type(part) is Object:
                held = self.analysis.instance_attribute(part.scope, target.attr)
                if part.state:
                    self.wrote(part.state, target, "attribute")
                if held is not None:
                    self.operate(held, node.op, value, target, in_place=True)
                elif type(part) is Object:
                    pass
                self.mutated_receiver(target)
            elif type(part) is Class:
                state = (
                    self.state_of_class(part, target.attr) or f"{part.scope.state}.{target.attr}"
                )
                self.wrote(state, target, "attribute")
            else:
                self._bind_elsewhere(part, target)

    def _delete(self, node: ast.Delete) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self.function is not None and target.id in self.function.scan.globals:
                    self.wrote(f"{self.module.dotted}.{target.id}", target, "del")
                self.env.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                receiver = self.quiet_target(target.value)
                self.evaluate(target.slice)
                for part in members_of(receiver):
                    if isinstance(part, Instance | Object) and part.state:
                        self.wrote(part.state, target, "del")
                    if type(part) is Object:
                        self.dunder(part, "__delitem__", Given((UNKNOWN,)), target)
                self.mutated_receiver(target)
            elif isinstance(target, ast.Attribute):
                self.evaluate(target.value)
                self.mutated_receiver(target)
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
            elif type(part) is Func and part.function.parent is not self.function:
                pass

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
            self._last_reads, self._ends = _reads_and_ends(self.function.node)
        line = loop.seen.span.line
        end = self._ends.get(line, line)
        if any(self._last_reads.get(name, 0) > end for name in loop.names):
            self.confirm(loop.seen)

    # The last line on which each name is read, and the last of each loop by the line of what it goes over.
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
        return self._captured(value) if type(value) is Func else value

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
        always = type(test) is Constant and node.test.__class__ is ast.Constant
        before = self.fork()
        once = self.once
        guard = self._replay_guard(node.test)
        self.once = once or guard is True
        known = self.lone
        self.lone = known | lone(node.test, positive=True)
        self._narrow(node.test, positive=True)
        goes_on = self.execute(node.body) if not (always and not test.value) else False  # type: ignore[union-attr]
        after = self.env
        self.env = before
        self.once = once or guard is False
        other_lone = self.lone = known | lone(node.test, positive=False)
        self._narrow(node.test, positive=False)
        other = self.execute(node.orelse) if not (always and test.value) else False  # type: ignore[union-attr]
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
        if one is other:
            return one
        met = dict(one)
        for name, value in other.items():
            mine = met.get(name)
            met[name] = value if mine is None else join(mine, value)
        return met

    def _while(self, node: ast.While) -> bool:
        test = node.test
        endless = isinstance(test, ast.Constant) and bool(test.value)
        continued = self.facts.continues
        self.facts.continues = False
        goes_on = self._rounds(node.body, lambda: self.test_value(self.evaluate(test), test))
        if endless:
            self._endless(node, node.body)
        self.facts.continues = self.facts.continues or continued
        self.execute(node.orelse)
        del goes_on
        return not endless or _leaves(node.body)

    def _endless(self, node: ast.stmt, body: list[ast.stmt]) -> None:
        if self.limits:
            return
        awaited = _first_await(
            body, generators=self.analysis.yields_await(self.module, self.function)
        )
        if awaited is None or self.facts.continues or _has_exit(body):
            return
        if self.is_async and _first_yield(body):
            return  # whoever iterates says when it ends
        if self.analysis.may_report_endless(self.module, self.function):
            text = ast.unparse(awaited)
            self.observe(
                EndlessLoop(
                    span=self.source.span(node)._replace(
                        end_line=node.lineno, end_column=self.source.span(node).column + 10
                    ),
                    dialect=self.dialect,
                    in_async=self.is_async,
                    awaits=text if len(text) <= 50 else text[:47] + "...",
                )
            )

    def _rounds(self, body: list[ast.stmt], start: Callable[[], None]) -> bool:
        goes_on = True
        rounds = ROUNDS[min(self.loops, len(ROUNDS) - 1)]
        self.loops += 1
        for _ in range(rounds):
            before = self.fork()
            start()
            goes_on = self.execute(body)
            self.env = self._meet(before, self.env)
            if self.env == before:
                break
        self.loops -= 1
        return goes_on

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
        self.enter_loop(source, node.iter, node.target)
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
            self._suppress(item.context_expr, node.body)
        limited = any(self._is_limit(item.context_expr) for item in node.items)
        self.limits += limited
        goes_on = self.execute(node.body)
        self.limits -= limited
        return goes_on or self._may_suppress(node)

    def _is_limit(self, node: ast.expr) -> bool:
        """Whether a context ends what stands in it after some time."""
        if not isinstance(node, ast.Call):
            return False
        target = self.quietly(node.func)
        return type(target) is External and target.name in LIMITS

    def _may_suppress(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            if isinstance(item.context_expr, ast.Call):
                target = self.quietly(item.context_expr.func)
                if not (
                    type(target) is External
                    and target.name.startswith(("asyncio.", "builtins.open", "durable_async."))
                ):
                    return True
        return False

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
        from durable_lint.reach.names import rendered

        known = self.vocabulary.member_result(rendered(part), start)
        if known is None:
            return part
        value = parse_type(known, part.items)
        if type(value) is Instance and value.cls == "coroutine":
            return value.items[0]
        return value

    # ------------------------------------------------------------ exceptions

    def _try(self, node: ast.Try | ast.TryStar) -> bool:
        before, cancels = self.fork(), self.before
        goes_on = self.execute(node.body)
        if goes_on and node.orelse:
            goes_on = self.execute(node.orelse)
        after = self.env
        ends: list[dict[str, Value]] = [after] if goes_on else []
        self._handlers(node, cancels)
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
            self._finally(node)
            if not self.execute(node.finalbody):
                return False
        return bool(ends)

    def _handlers(self, node: ast.Try | ast.TryStar, before: ast.stmt | None) -> None:
        """Which handlers keep a cancellation to themselves."""
        if self.quiet or not self._awaits(node.body):
            return
        for handler in node.handlers:
            kind = self._catches(handler)
            if kind is None:
                continue
            if kind is Swallow.CANCELLED and _awaits_what_was_cancelled(before, node.body):
                continue
            if not _raises(handler, self._is_leaving):
                self.swallowed(kind, _head(handler), falls_through=not _escapes(handler.body))
            # What comes after a handler for everything never sees a cancellation.
            break

    def _awaits(self, body: list[ast.stmt]) -> bool:
        if self.analysis.yields_await(self.module, self.function):
            return _first_await(body, generators=True) is not None
        if self._is_context_manager() and _first_yield(body):
            return True  # what happens in the body of the `with` is thrown in at the yield
        return self.is_async and _first_await(body, generators=False) is not None

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
            if type(part) is External:
                if part.name == "builtins.BaseException":
                    return Swallow.BASE
                if part.name in CANCELLATIONS:
                    return Swallow.CANCELLED
        return None

    def _is_leaving(self, node: ast.Call) -> bool:
        target = (
            self.quietly(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else UNKNOWN
        )
        return type(target) is External and target.name in {
            "durable_async.continue_as_new",
            "temporalio.workflow.continue_as_new",
        }

    def _finally(self, node: ast.Try | ast.TryStar) -> None:
        if self.quiet or not self._awaits(node.body):
            return
        for statement in _leaving_statements(node.finalbody):
            self.swallowed(Swallow.FINALLY, statement, type(statement).__name__.lower())

    def _suppress(self, node: ast.expr, body: list[ast.stmt]) -> None:
        if self.quiet or not isinstance(node, ast.Call) or not self._awaits(body):
            return
        target = self.quietly(node.func)
        if not (type(target) is External and target.name == "contextlib.suppress"):
            return
        if not any(self._caught(argument) for argument in node.args):
            return
        if _awaits_what_was_cancelled(self.before, body):
            return
        self.swallowed(Swallow.SUPPRESS, node)

    # ------------------------------------------------------------ match

    def _match(self, node: ast.Match) -> bool:
        subject = self.evaluate(node.subject)
        if type(subject) is Pend:
            self.dropped(subject, node.subject, "as a value")
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


def _within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements, but for those of functions and classes within."""
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, SCOPES):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


def _reads_and_ends(function: ast.AST) -> tuple[dict[str, int], dict[int, int]]:
    """The last line that reads each name; the last line of each loop, by the line of what it goes over."""
    reads: dict[str, int] = {}
    ends: dict[int, int] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                reads[node.id] = max(node.lineno, reads.get(node.id, 0))
        elif isinstance(node, ast.For):
            ends.setdefault(node.iter.lineno, node.end_lineno or node.lineno)
    return reads, ends


def _first_await(body: list[ast.stmt], *, generators: bool) -> ast.AST | None:
    for node in _within(body):
        if isinstance(node, ast.Await):
            return node.value
        if isinstance(node, ast.AsyncFor):
            return node.iter
        if isinstance(node, ast.AsyncWith):
            return node.items[0].context_expr
        if generators and isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
            return node.value
    return None


def _first_yield(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Yield) for node in _within(body))


def _has_exit(body: list[ast.stmt]) -> bool:
    """Whether a loop's body may leave the loop: break of its own, return, raise."""
    return any(isinstance(node, ast.Return | ast.Raise) for node in _within(body)) or _breaks(body)


def _leaves(body: list[ast.stmt]) -> bool:
    return _breaks(body)


def _breaks(body: list[ast.stmt]) -> bool:
    for statement in body:
        if isinstance(statement, ast.Break):
            return True
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
            if _breaks(statement.orelse):
                return True
            continue
        if isinstance(statement, SCOPES):
            continue
        for field in ("body", "orelse", "finalbody"):
            if _breaks(getattr(statement, field, [])):
                return True
        for handler in getattr(statement, "handlers", []):
            if _breaks(handler.body):
                return True
        for case in getattr(statement, "cases", []):
            if _breaks(case.body):
                return True
    return False


ENDING: Final = frozenset({"cancel", "set_exception", "set_result"})


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
    if _always(handler.body, leaving):
        return True
    name = handler.name
    for statement in handler.body:
        if isinstance(statement, ast.If) and _tests_cancellation(statement.test, name):
            return _always(statement.body, leaving)
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


def _always(body: list[ast.stmt], leaving: Callable[[ast.Call], bool]) -> bool:
    """Whether every way through statements raises."""
    for statement in body:
        match statement:
            case ast.Raise():
                return True
            case ast.Expr(ast.Call() as call) if leaving(call):
                return True
            case ast.If(_, then, other) if (
                other and _always(then, leaving) and _always(other, leaving)
            ):
                return True
            case ast.With(_, inner) | ast.AsyncWith(_, inner) if _always(inner, leaving):
                return True
            case ast.Try(inner, handlers, _, final):
                if _always(final, leaving):
                    return True
                if _always(inner, leaving) and all(_always(h.body, leaving) for h in handlers):
                    return True
                if any(_escapes(part) for part in (inner, *(h.body for h in handlers))):
                    return False
            case ast.Return() | ast.Break() | ast.Continue():
                return False
            case ast.If(_, then, other):
                if _escapes(then) or _escapes(other):
                    return False
            case ast.For() | ast.While() | ast.AsyncFor():
                if any(isinstance(node, ast.Return) for node in _within([statement])):
                    return False
            case _:
                pass
    return False


def _escapes(body: list[ast.stmt]) -> bool:
    """Whether some way through statements leaves without raising."""
    return any(isinstance(node, ast.Return | ast.Break | ast.Continue) for node in _within(body))


def _leaving_statements(body: list[ast.stmt], *, in_loop: bool = False) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.Return):
            yield statement
        elif isinstance(statement, ast.Break | ast.Continue) and not in_loop:
            yield statement
        elif isinstance(statement, SCOPES):
            continue
        else:
            loop = in_loop or isinstance(statement, ast.For | ast.AsyncFor | ast.While)
            for field in ("body", "orelse", "finalbody"):
                yield from _leaving_statements(getattr(statement, field, []), in_loop=loop)
            for handler in getattr(statement, "handlers", []):
                yield from _leaving_statements(handler.body, in_loop=loop)


def _head(handler: ast.ExceptHandler) -> ast.AST:
    """The handler without its body, for a place to underline."""
    head = ast.Pass()
    head.lineno = handler.lineno
    head.col_offset = handler.col_offset
    end = handler.type
    head.end_lineno = end.end_lineno if end is not None else handler.lineno
    head.end_col_offset = (
        end.end_col_offset if end is not None else handler.col_offset + len("except")
    )
    return head


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
