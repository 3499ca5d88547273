"""A call reaches what it calls, and is judged where its name stands.

What is given to a function of the project flows into its parameters; what is given to anything else
may be called by it, so functions among it are reached and reported where they are handed over.
"""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given, Key, Unresolved
from durable_lint.reach.gaps import filled
from durable_lint.reach.known import Known
from durable_lint.reach.names import rendered
from durable_lint.reach.observations import (
    DroppedCall,
    How,
    Iterated,
    Pending,
    Use,
)
from durable_lint.reach.scopes import ClassScope
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Class,
    Constant,
    Definition,
    External,
    Func,
    Instance,
    Made,
    Marker,
    Member,
    Object,
    Partial,
    Pend,
    Union,
    Value,
    copied,
    join,
    members_of,
    parse_type,
)
from durable_lint.vocabulary.entry import Arguments, Entry
from durable_lint.vocabulary.order import MUTATORS, ORDER_FREE, ORDER_FREE_METHODS

__all__ = ["Calls"]

# Their arguments are classes or values that are looked at, not called.
LOOKS_ONLY: Final = frozenset(
    {
        "builtins.isinstance",
        "builtins.issubclass",
        "builtins.hasattr",
        "builtins.callable",
        "builtins.getattr",
        "builtins.setattr",
        "builtins.id",
        "builtins.type",
        "builtins.len",
        "builtins.bool",
        "typing.cast",
        "durable_async.side_effect",
        "durable_async.activity_named",
        "durable_async.orchestrator_named",
        "durable_async.wait_for_event",
        "durable_async.events",
        "durable_async.requests",
        "durable_async.entity_ref",
        "builtins.print",
        "contextlib.suppress",
        "functools.partial",
        "builtins.super",
        *(
            f"builtins.{name}"
            for name in "round abs divmod pow int float chr ord hex oct bin".split()
        ),
    }
)
# In workflows of other libraries these are made durable by an integration of theirs.
INTEGRATED: Final = frozenset({"agents.Runner.run"})
INTEGRATED_AT_ONCE: Final = frozenset({"agents.Runner.run_sync", "agents.Runner.run_streamed"})
# Methods of what was made at import that do nothing of what making it is reported for.
AT_REST: Final = frozenset(
    {"seed", "getstate", "setstate", "close", "shutdown", "__enter__", "__exit__"}
)
ENTITY_CALLS: Final = frozenset({"call", "signal", "signal_at"})
LOGGERS: Final = frozenset({"logging.Logger", "logging.LoggerAdapter", "durable_async.Logger"})
ADDING: Final[dict[str, int]] = {
    "append": 0,
    "add": 0,
    "appendleft": 0,
    "insert": 1,
    "put_nowait": 0,
    "put": 0,
}
EXTENDING: Final = frozenset({"extend", "update", "extendleft", "union", "__ior__", "__iadd__"})
ORDERED: Final = frozenset(
    {"append", "appendleft", "extend", "extendleft", "insert", "setdefault", "update"}
)


class Calls(Known):
    """What calls do."""

    # ------------------------------------------------------------ the expression

    def call(self, node: ast.Call) -> Value:
        """Evaluate a call."""
        target_node = node.func
        if isinstance(target_node, ast.Attribute):
            receiver = self.evaluate(target_node.value)
            if type(receiver) is Pend:
                return self._on_pending(receiver, target_node, node)
            target = self.attribute(receiver, target_node.attr, target_node)
            if self.typist is not None:
                target = filled(self, self.typist, target, target_node)
            self.note_attribute(target, target_node)
            given = self._given(node, target)
            special = self._method(receiver, target_node, given, node)
            if special is not None:
                return special
        else:
            target = self.evaluate(target_node)
            given = self._given(node, target)
        if target is UNKNOWN and not self.quiet:
            self._unresolved(node)
        return self.invoke(target, given, node)

    def _given(self, node: ast.Call, target: Value) -> Given:
        positional: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        starred = False
        if type(target) is External and target.name == "durable_async.side_effect":
            return Given((UNKNOWN,) * len(node.args))
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                value = self.evaluate(argument.value)
                if type(value) is Instance and value.cls == "builtins.tuple":
                    positional.extend(value.items)
                else:
                    starred = True
                    self._starred(argument, value, target)
                    if positional or len(node.args) == 1:
                        positional.append(self.element(value, argument.value))
            else:
                positional.append(self.settle_argument(self.evaluate(argument)))
        for keyword in node.keywords:
            value = self.settle_argument(self.evaluate(keyword.value))
            if keyword.arg is None:
                starred = True
            else:
                keywords.append((keyword.arg, value))
        return Given(tuple(positional), tuple(keywords), starred)

    def _starred(self, argument: ast.Starred, value: Value, target: Value) -> None:
        way = "unpacking"
        if type(target) is External and target.name in {"asyncio.gather", "asyncio.as_completed"}:
            way = target.name.rpartition(".")[2]
        elif type(target) is External and target.name in ORDER_FREE:
            return
        self.confirm(self.disorder_of(value, argument.value, way))

    def settle_argument(self, value: Value) -> Value:
        return self.settle(value) if type(value) is Member and self._is_attribute(value) else value

    def _is_attribute(self, value: Member) -> bool:
        return bool(self.vocabulary.is_attribute(rendered(value.of), value.path))

    def _unresolved(self, node: ast.Call) -> None:
        text = ast.unparse(node.func)
        self.facts.unresolved.append(
            Unresolved(
                self.module.path,
                self.span(node.func),
                text if len(text) <= 60 else text[:57] + "...",
                self.function.qualname if self.function else "<module>",
            )
        )

    def _on_pending(self, receiver: Pend, target: ast.Attribute, node: ast.Call) -> Value:
        for argument in node.args:
            self.evaluate(argument)
        if target.attr not in {
            "close",
            "send",
            "throw",
            "__await__",
            "add_done_callback",
            "cancel",
        }:
            self.dropped(receiver, node, "as a value")
        return UNKNOWN

    def dropped(self, value: Pend, node: ast.expr, use: str) -> None:
        """A call that is not awaited where its result is meant."""
        if use == "as a value" and self.dialect == "durabletask":
            return  # there a call is a task: compared with what `task_any` gave, cancelled ...
        if not self.analysis.reaching and value.kind not in {
            Pending.ACTIVITY,
            Pending.ORCHESTRATOR,
        }:
            return
        self.observe(
            DroppedCall(
                span=value.made or self.span(node),
                dialect=self.dialect,
                in_async=self.is_async,
                name=value.name,
                kind=value.kind,
                use=use,
                reached=self.analysis.reaching,
            )
        )

    # ------------------------------------------------------------ methods with an effect of their own

    def _method(
        self, receiver: Value, target: ast.Attribute, given: Given, node: ast.Call
    ) -> Value | None:
        name = target.attr
        for part in members_of(self.settle(receiver)):
            if type(part) is Instance:
                special = self._of_external(part, name, target, given, node)
                if special is not None:
                    return special
            elif type(part) is Constant and part.kind in {"str", "bytes"} and name == "join":
                return HANDLERS_TEXT(self, given, node)
            elif type(part) is Object and part.state:
                self._mutated_object(part, name, node)
        return None

    def _mutated_object(self, part: Object, name: str, node: ast.Call) -> None:
        """A method that changes an object which the module holds changes the module's state."""
        found = self.analysis.method(part.scope, name)
        if found is not None and self.returned(Func(found), Object(part.scope, part.exact)).mutates:
            self.wrote(part.state, node, f"method {name}")

    def _of_external(
        self, part: Instance, name: str, target: ast.Attribute, given: Given, node: ast.Call
    ) -> Value | None:
        cls = part.cls
        if cls == "builtins.str" and name == "join":
            return HANDLERS_TEXT(self, given, node)
        if cls == "contextlib.ExitStack" or cls == "contextlib.AsyncExitStack":
            return self._on_stack(name, given, node)
        if cls in {"asyncio.TaskGroup", "anyio.abc.TaskGroup"} and name in {
            "create_task",
            "start_soon",
        }:
            return self._on_group(name, given, node)
        if name == "create_future" and cls.endswith("EventLoop"):
            return Instance("asyncio.ForeignFuture")
        if cls == "asyncio.RunningLoop":
            return self._on_loop(name, given, node)
        if cls == "durable_async.EntityRef" and name in ENTITY_CALLS:
            if name == "call":
                return self.pend(Pending.ACTIVITY, "entity call", UNKNOWN, node)
            self.confirm_loops()
            return Constant(None, "NoneType")
        if cls == "durable_async.Instance" or cls.startswith("durable_async."):
            return (
                self.pend(Pending.ACTIVITY, name, UNKNOWN, node)
                if name in {"result", "reply", "reject"}
                else None
            )
        if cls.startswith(("temporalio.", "azure.durable_functions.", "durabletask.")):
            return self._on_context(cls, name, given, node)
        mutators = MUTATORS.get(cls)
        if mutators is not None and name in mutators:
            self._mutate(part, name, target, given, node)
        if cls in {"builtins.set", "builtins.frozenset"} and name == "pop":
            self._popped(part, target, node)
        if cls == "builtins.list" and name == "sort":
            self.forget_order(part)
            self.rebind(target.value, Instance(cls, part.items, None, part.state))
            for keyword, value in given.keywords:
                if keyword == "key":
                    self.call_back(value, Given(part.items), node)
            return Constant(None, "NoneType")
        if cls in {"asyncio.Task", "asyncio.Future"} and name == "add_done_callback":
            self.call_back(self.first(given), Given((part,)), node)
            return Constant(None, "NoneType")
        if cls in {"asyncio.Task", "asyncio.Future"} and name == "result":
            return part.items[0] if part.items else UNKNOWN
        return self._container(part, name, given, node)

    def _container(self, part: Instance, name: str, given: Given, node: ast.Call) -> Value | None:
        """Results of methods of collections whose elements only we know."""
        cls, items = part.cls, part.items
        if (
            cls in {"builtins.dict", "collections.defaultdict", "collections.OrderedDict"}
            and len(items) == 2
        ):
            match name:
                case "get" | "pop" | "setdefault":
                    default = (
                        given.positional[1]
                        if len(given.positional) > 1
                        else Constant(None, "NoneType")
                    )
                    return join(items[1], default)
                case "values":
                    return Instance("builtins.iterator", (items[1],), part.disorder)
                case "keys":
                    return Instance("builtins.dict_keys", (items[0],), part.disorder)
                case "items":
                    return Instance(
                        "builtins.iterator", (Instance("builtins.tuple", items),), part.disorder
                    )
                case "copy":
                    return copied(part)
                case _:
                    pass
        if cls in {"builtins.list", "collections.deque"} and items:
            match name:
                case "pop" | "popleft":
                    self.consume(part)
                    return items[0]
                case "copy":
                    return copied(part)
                case _:
                    pass
        if cls in {"builtins.set", "builtins.frozenset"} and items:
            if name in {"union", "difference", "intersection", "symmetric_difference", "copy"}:
                element = items[0]
                if name in {"union", "symmetric_difference"}:
                    for value in given.positional:
                        element = join(element, self.element(value, node))
                return Instance(cls, (element,))
        if cls == "builtins.dict_keys" and name in {"isdisjoint"}:
            return Instance("builtins.bool")
        return None

    def _popped(self, part: Instance, target: ast.Attribute, node: ast.Call) -> None:
        seen = self.disorder_of(part, target.value, "pop")
        if seen is not None:
            self.observe(self._iterated(node, "pop", seen.kind, sortable=False))

    def _mutate(
        self, part: Instance, name: str, target: ast.Attribute, given: Given, node: ast.Call
    ) -> None:
        """A collection is changed: what it holds now, its order, and whose state it is."""
        self.wrote(part.state, node, f"method {name}")
        if name in {"put", "put_nowait"} and part.cls.startswith("asyncio."):
            self.confirm_loops()
        tracked = isinstance(target.value, ast.Name | ast.Attribute)
        self.mutated_receiver(target.value)
        items = part.items
        if name in ADDING and len(given.positional) > ADDING[name]:
            element = given.positional[ADDING[name]]
            items = (join(items[0], element) if items else element,)
        elif name in EXTENDING and given.positional and len(items) <= 1:
            element = self.element(given.positional[0], node)
            items = (join(items[0], element) if items else element,)
        elif name == "update" and len(items) == 2:
            for value in given.positional:
                if type(value) is Instance and len(value.items) == 2:
                    items = (join(items[0], value.items[0]), join(items[1], value.items[1]))
        elif name == "setdefault" and len(items) == 2 and len(given.positional) > 1:
            items = (join(items[0], given.positional[0]), join(items[1], given.positional[1]))
        elif name == "clear":
            self.rebind(target.value, Instance(part.cls, part.items, None, part.state))
            return
        disorder = part.disorder
        if name in ORDERED and part.cls != "builtins.set":
            disorder = disorder or self._order_added(name, given, node)
            if not tracked:
                self.confirm(disorder)
        if items != part.items or disorder is not part.disorder:
            changed = Instance(part.cls, items, disorder, part.state)
            self.rebind(target.value, changed)
            if part.state:
                self.analysis.grow(part.state, changed)
            if not tracked:
                self._grow_within(target.value, changed)

    def _grow_within(self, node: ast.expr, changed: Instance) -> None:
        """`HANDLERS.setdefault(kind, []).append(f)`, `HANDLERS[kind].append(f)`: the mapping holds more."""
        holder = _holder_of(node)
        if holder is None:
            return
        for part in members_of(self.quietly(holder)):
            if type(part) is Instance and len(part.items) == 2:
                items = (part.items[0], join(part.items[1], changed))
                grown = Instance(part.cls, items, part.disorder, part.state)
                self.rebind(holder, grown)
                if part.state:
                    self.analysis.grow(part.state, grown)

    def _order_added(self, name: str, given: Given, node: ast.Call) -> Iterated | None:
        if name in {"extend", "extendleft", "update"} and node.args:
            found = self.disorder_of(self.first(given), node.args[0], name)
            if found is not None:
                return found
        return self.disorders[-1].seen if self.disorders else None

    def rebind(self, node: ast.expr, value: Value) -> None:
        """What a name or attribute holds has changed in place."""
        if isinstance(value, Instance) and value.state and not isinstance(node, ast.Name):
            return  # what a class holds is no attribute of an instance
        if isinstance(node, ast.Name):
            if node.id in self.env:
                self.env[node.id] = self.take_order(value)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for receiver in members_of(self.lookup(node.value.id)):
                if type(receiver) is Object:
                    self.analysis.hold(receiver.scope, node.attr, value)

    def mutated_receiver(self, node: ast.expr) -> None:
        """Note that something of `self`, or of an object that the module holds, is changed."""
        whole = node
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name) and node is not whole and node.id not in self.env:
            held = self.lookup(node.id)
            if isinstance(held, Object | Instance) and held.state:
                self.wrote(held.state, whole, "attribute")
        if (
            isinstance(node, ast.Name)
            and self.env.get(node.id) is self.receiver
            and self.receiver is not None
        ):
            self.facts.mutates = True

    def _on_stack(self, name: str, given: Given, node: ast.Call) -> Value | None:
        if name in {"callback", "push_async_callback", "push", "push_async_exit"}:
            self.call_back(self.first(given), Given(given.positional[1:], given.keywords), node)
            return self.first(given)
        if name in {"enter_context", "enter_async_context"}:
            entered = self.enter(self.first(given), node, asynchronous="async" in name)
            if "async" in name:
                return Pend(Pending.COROUTINE, name, entered, "", self.span(node))
            return entered
        return None

    def _on_group(self, name: str, given: Given, node: ast.Call) -> Value:
        if name == "start_soon":
            self.call_back(self.first(given), Given(given.positional[1:]), node)
            return Constant(None, "NoneType")
        value = given.get(0, "coro") or UNKNOWN
        return Instance("asyncio.Task", (self.settled_await(value, node),))

    def _on_loop(self, name: str, given: Given, node: ast.Call) -> Value | None:
        match name:
            case "time":
                return Instance("builtins.float")
            case "create_task":
                return Instance("asyncio.Task", (self.settled_await(self.first(given), node),))
            case "create_future":
                return Instance("asyncio.Future")
            case "call_soon" | "call_later" | "call_at":
                place = 0 if name == "call_soon" else 1
                if len(given.positional) > place:
                    rest = given.positional[place + 1 :]
                    self.call_back(given.positional[place], Given(rest), node)
                return Instance("asyncio.TimerHandle")
            case _:
                return self.invoke(Member(Instance("asyncio.AbstractEventLoop"), name), given, node)

    def _on_context(self, cls: str, name: str, given: Given, node: ast.Call) -> Value | None:
        """Methods of the context object of generator orchestrators."""
        del cls, given
        if name in {"call_activity", "call_activity_with_retry", "call_http", "call_entity"}:
            return self.pend(Pending.ACTIVITY, name, UNKNOWN, node)
        if name in {"call_sub_orchestrator", "call_sub_orchestrator_with_retry"}:
            return self.pend(Pending.ORCHESTRATOR, name, UNKNOWN, node)
        if name == "create_timer":
            return self.pend(Pending.TIMER, name, UNKNOWN, node)
        if name in {"wait_for_external_event"}:
            return self.pend(Pending.EVENT, name, UNKNOWN, node)
        if name == "continue_as_new":
            self.facts.continues = True
        return UNKNOWN

    def settled_await(self, value: Value, node: ast.expr) -> Value:
        """What a task made of this gives; it is awaited by whoever runs it."""
        joined: Value = NOTHING
        for part in members_of(value):
            joined = join(joined, self.awaited(part, node))
        return UNKNOWN if joined is NOTHING else joined

    # ------------------------------------------------------------ calling values

    def invoke(self, target: Value, given: Given, node: ast.expr) -> Value:
        match target:
            case External():
                return self._external(target, given, node)
            case Func():
                return self._project(target, None, given, node)
            case Bound(func, receiver):
                return self._project(func, receiver, given, node)
            case Class(scope):
                return self.instantiate(scope, given, node)
            case Member():
                return self._member(target, given, node)
            case Definition():
                self._escape_all(given, node)
                gives = self._gives(target)
                return self.pend(target.kind, target.name, gives, node)
            case Partial(External("durable.options"), (definition,)):
                return definition
            case Partial(of, first, keywords):
                joined = Given(first + given.positional, keywords + given.keywords, given.starred)
                return self.invoke(of, joined, node)
            case Marker():
                return self._marked(target, given, node)
            case Object():
                made = self.dunder(target, "__call__", given, node)
                if made is None and given.positional and self.analysis.decorates(target.scope):
                    return Instance("contextwrapped", (target, given.positional[0]))
                return UNKNOWN if made is None else made
            case Instance("contextwrapped", (context, inner)):
                asynchronous = (
                    self.analysis.method(context.scope, "__aenter__") is not None
                    if type(context) is Object
                    else False
                )
                self.enter(context, node, asynchronous=asynchronous)
                return self.invoke(inner, given, node)
            case Instance("contextfactory", (inner,)):
                return self._context_of(inner, given, node)
            case Union(parts):
                value: Value = NOTHING
                for part in parts:
                    value = join(value, self.invoke(part, given, node))
                return value
            case Made(by):
                self._escape_all(given, node)
                return Made(by)
            case Instance():
                return self._member(Member(target, "__call__"), given, node)
            case _:
                self._escape_all(given, node)
                return UNKNOWN

    def _gives(self, target: Definition) -> Value:
        inner = target.target
        if isinstance(inner, Func | Bound):
            func = inner if isinstance(inner, Func) else inner.func
            return self.analysis.declared_result(func.function)
        return inner if isinstance(inner, Instance | Object) else UNKNOWN

    def _marked(self, target: Marker, given: Given, node: ast.expr) -> Value:
        first = given.positional[0] if given.positional else UNKNOWN
        if target.what.startswith("define."):
            kind = Pending(target.what.removeprefix("define."))
            name = target.name
            if not name:
                inner = first.func if isinstance(first, Bound) else first
                name = inner.function.name if isinstance(inner, Func) else "?"
            return Definition(kind, name, first)
        if target.what == "identity":
            return first
        self._escape_all(given, node)
        return UNKNOWN

    def _escape_all(self, given: Given, node: ast.expr) -> None:
        arguments = node.args if isinstance(node, ast.Call) else []
        for place, value in enumerate(given.positional):
            at = arguments[place] if place < len(arguments) else node
            self.escape(value, at.value if isinstance(at, ast.Starred) else at)
        named = {k.arg: k.value for k in node.keywords} if isinstance(node, ast.Call) else {}
        for name, value in given.keywords:
            self.escape(value, named.get(name, node))

    def escape(self, value: Value, node: ast.expr) -> Value:
        match value:
            case External():
                self.reference(value, node)
            case Member():
                self._member_reference(value, node)
            case Func() | Bound():
                self._handed_on(value, node)
            case Partial(of, given, _):
                if not (type(of) is External and of.name == "durable.options"):
                    self.escape(of, node)
                    for item in given:
                        self.escape(item, node)
            case Instance(cls, items):
                self.consume(value)
                if cls in {"builtins.dict", "builtins.list", "builtins.tuple", "builtins.set"}:
                    for item in items:
                        if isinstance(item, Func | Bound | Partial):
                            self.escape(item, node)
            case Class():
                pass
            case Union(parts):
                for part in parts:
                    self.escape(part, node)
            case _:
                pass
        return value

    def _handed_on(self, value: Func | Bound, node: ast.expr) -> None:
        func, receiver = (value, None) if isinstance(value, Func) else (value.func, value.receiver)
        if self.analysis.is_wall(func.function):
            return
        self.edge(func, receiver, node)

    def reference(self, value: External, node: ast.expr) -> None:
        """A library's function is handed on to somebody who will call it."""
        if value.told or value.name.startswith("durable"):
            return
        entry = self.vocabulary.name(value.name)
        if entry is None or entry.attribute or self.vocabulary.is_class(value.name):
            return
        self._use(value.name, entry, How.REFERENCE, node)

    def _member_reference(self, value: Member, node: ast.expr) -> None:
        cls = rendered(value.of)
        if self.vocabulary.is_attribute(cls, value.path):
            return
        entry = self.vocabulary.member(cls, value.path)
        if entry is not None:
            self._use(f"{value.of.cls}.{value.path}", entry, How.REFERENCE, node)

    def _use(
        self,
        name: str,
        entry: Entry,
        how: How,
        node: ast.expr,
        given: Given | None = None,
    ) -> None:
        if self.once and entry.category == "logging_print":
            return
        if entry.category == "foreign_await":
            return  # reported where it is awaited
        self.observe(
            Use(
                span=self.span(node),
                dialect=self.dialect,
                in_async=self.is_async,
                name=name,
                how=how,
                entry=entry,
                awaited=node is self.awaiting,
                positional=len(given.positional) if given else 0,
                keywords=tuple(name for name, _ in given.keywords) if given else (),
            )
        )

    awaiting: ast.expr | None = None

    def note_attribute(self, value: Value, node: ast.expr) -> None:
        """Reading `os.environ` counts, whatever is done with it."""
        if type(value) is External:
            entry = self.vocabulary.name(value.name)
            if (
                entry is not None
                and entry.attribute
                and self.vocabulary.name(value.name.rpartition(".")[0]) is not entry
            ):
                owner = self.vocabulary.name(value.name.rpartition(".")[0])
                if owner is None or not owner.attribute:
                    self._use(value.name, entry, How.ATTRIBUTE, node)
        elif type(value) is Member:
            entry = self.vocabulary.member(rendered(value.of), value.path)
            if entry is not None and entry.attribute:
                self._use(f"{value.of.cls}.{value.path}", entry, How.ATTRIBUTE, node)

    # ------------------------------------------------------------ libraries

    def _external(self, target: External, given: Given, node: ast.expr) -> Value:
        name = target.name
        if self.vocabulary.is_activity(name):
            self._escape_all(given, node)
            return Instance("coroutine", (UNKNOWN,))
        if self.dialect != "durable_async" and name in INTEGRATED | INTEGRATED_AT_ONCE:
            self._escape_all(given, node)
            if name in INTEGRATED:
                return Pend(Pending.COROUTINE, name, UNKNOWN, "", self.span(node))
            return UNKNOWN
        entry = self.vocabulary.name(name)
        if entry is not None and not entry.attribute and not target.told:
            if entry.applies(self._arguments(given)) and self._really(name, given):
                how = How.REFERENCE if getattr(node, "handed_on", False) else How.CALL
                self._use(name, entry, how, node, given)
        if isinstance(node, ast.Call):
            known = self.known(name, given, node)
            if known is not None:
                if name not in ORDER_FREE and name not in LOOKS_ONLY:
                    self._hand_over(name, given, node)
                return known
        if name not in ORDER_FREE and name not in LOOKS_ONLY:
            self._escape_all(given, node)
        result = self.vocabulary.result(name)
        if result is not None:
            value = parse_type(result)
            if type(value) is Instance and value.cls == "coroutine":
                safe = self.vocabulary.is_durable_safe(name) or _told_at_call(entry)
                return Pend(
                    Pending.COROUTINE, name, value.items[0], "" if safe else name, self.span(node)
                )
            return value
        if self.vocabulary.is_class(name) or _looks_like_class(name):
            return Instance(name)
        return Made(name)

    def counts(self, target: External, node: ast.Call) -> Entry | None:
        """What the vocabulary says against a call, if it counts with these arguments."""
        entry = self.vocabulary.name(target.name)
        if entry is None or entry.attribute:
            return None
        given = self._given(node, target)
        applies = entry.applies(self._arguments(given)) and self._really(target.name, given)
        return entry if applies else None

    def _hand_over(self, name: str, given: Given, node: ast.expr) -> None:
        """Functions that are given to a function whose flow is known are called by it, if they are the project's."""
        for value in given.positional:
            if type(value) is External:
                self.reference(value, node)
        for _, value in given.keywords:
            if type(value) is External:
                self.reference(value, node)
        del name

    def _really(self, name: str, given: Given) -> bool:
        """Conditions that hang on what the argument is."""
        if name == "builtins.hash" and given.positional:
            value = given.positional[0]
            return not _hashes_alike(value)
        if name in {"builtins.print", "pprint.pprint", "pprint.pp", "traceback.print_exc"}:
            return not any(
                keyword in {"file", "stream"}
                and isinstance(value, Instance)
                and value.cls in {"io.StringIO", "io.BytesIO"}
                for keyword, value in given.keywords
            )
        return True

    def _arguments(self, given: Given) -> Arguments:
        first: object = ...
        if given.positional and type(given.positional[0]) is Constant:
            first = given.positional[0].value
        return Arguments(
            len(given.positional),
            frozenset(name for name, _ in given.keywords),
            given.starred,
            first,
            _type_of_first(given),
        )

    def _member(self, target: Member, given: Given, node: ast.expr) -> Value:
        of, path = target.of, target.path
        cls = rendered(of)
        entry = self.vocabulary.member(cls, path)
        name = f"{of.cls}.{path}"
        if entry is None and of.state and path not in AT_REST:
            entry = self.analysis.made_with.get(of.state)
        if entry is not None and not entry.attribute and entry.applies(self._arguments(given)):
            self._use(name, entry, How.CALL, node, given)
        if not (of.cls in LOGGERS or path in ORDER_FREE_METHODS and of.cls.startswith("builtins.")):
            self._escape_all(given, node)
        known = self.vocabulary.member_result(cls, path)
        if known is not None:
            value = parse_type(known, of.items)
            if type(value) is Instance and value.cls == "coroutine":
                safe = _told_at_call(entry) or self.vocabulary.is_durable_safe(name)
                return Pend(
                    Pending.COROUTINE, name, value.items[0], "" if safe else name, self.span(node)
                )
            if of.cls == "builtins.str" and type(value) is Instance and value.cls == "builtins.str":
                return value
            return value
        return UNKNOWN if _told_at_call(entry) else Made(name)

    # ------------------------------------------------------------ the project's functions

    def _project(self, func: Func, receiver: Value | None, given: Given, node: ast.expr) -> Value:
        function = func.function
        if self.analysis.is_wall(function):
            self._escape_all(given, node)
            return UNKNOWN
        given = self._told(given, node)
        said = self.analysis.judged_by_settings(function)
        if said is not None:
            entry, name = said
            if entry is not None:
                self._use(name, entry, How.CALL, node, given)
            self._escape_all(given, node)
            return UNKNOWN
        self.analysis.contribute(function, receiver, given)
        context = self.analysis.callables(function, receiver, given)
        self.edge(func, receiver, node, context)
        for overload in self.analysis.dispatched(function):
            self.analysis.contribute(overload, receiver, given)
            self.edge(Func(overload), receiver, node)
        self._consume_given(given)
        return self.result_of(func, receiver, given, node, context)

    def _consume_given(self, given: Given) -> None:
        for value in given.positional:
            if type(value) is Instance:
                self.consume(value)
        for _, value in given.keywords:
            if type(value) is Instance:
                self.consume(value)

    def _told(self, given: Given, node: ast.expr) -> Given:
        """Report functions of libraries where they are handed over, and mark them as reported."""
        arguments = node.args if isinstance(node, ast.Call) else []
        positional = []
        for place, value in enumerate(given.positional):
            at = arguments[place] if place < len(arguments) else node
            positional.append(self.tell(value, at))
        keywords = []
        named = {k.arg: k.value for k in node.keywords} if isinstance(node, ast.Call) else {}
        for name, value in given.keywords:
            keywords.append((name, self.tell(value, named.get(name, node))))
        return Given(tuple(positional), tuple(keywords), given.starred)

    def tell(self, value: Value, node: ast.expr) -> Value:
        if type(value) is External and not self.quiet and not value.told:
            entry = self.vocabulary.name(value.name)
            if (
                entry is not None
                and not entry.attribute
                and not self.vocabulary.is_class(value.name)
            ):
                self.reference(value, node)
                return External(value.name, told=True)
        return value

    def result_of(
        self,
        func: Func,
        receiver: Value | None,
        given: Given,
        node: ast.expr | None = None,
        context: tuple[tuple[str, Value], ...] = (),
    ) -> Value:
        function = func.function
        facts = self.analysis.facts(Key(function, receiver, func.closure, context))
        if facts.continues:
            self.facts.continues = True
        if facts.mutates and receiver is not None and receiver is self.receiver:
            self.facts.mutates = True
        value = self.analysis.result(function, facts, given)
        if function.scan.is_generator:
            kind = "builtins.async_generator" if function.is_async else "builtins.generator"
            element = self.analysis.yielded(function, facts)
            return Instance(kind, (element,))
        if function.is_async:
            made = self.span(node) if node is not None else None
            if self.disorders:
                self.confirm_loops()
            return Pend(Pending.COROUTINE, function.name, value, "", made)
        return value

    def _context_of(self, inner: Value, given: Given, node: ast.expr) -> Value:
        made = self.invoke(inner, given, node)
        gives = made.items[0] if type(made) is Instance and made.items else UNKNOWN
        return Instance("context", (gives,))

    # ------------------------------------------------------------ classes

    def instantiate(self, scope: ClassScope, given: Given, node: ast.expr) -> Value:
        """Make an object: its constructor and what a data class does at construction are reached."""
        made = Object(scope)
        if self.function is None:
            self.analysis.made_at_import(scope)
        else:
            self.facts.made.add(scope)
        given = self._told(given, node)
        self._consume_given(given)
        constructor = self.analysis.method(scope, "__init__")
        if constructor is not None:
            self.analysis.contribute(constructor, made, given)
            context = self.analysis.callables(constructor, made, given)
            self.edge(Func(constructor), made, node, context)
            self.analysis.facts(Key(constructor, made, (), context))
        else:
            self._fields(scope, given, node)
        for name in self.analysis.at_construction(scope):
            found = self.analysis.method(scope, name)
            if found is not None:
                self.edge(Func(found), made, node)
        called = self.analysis.metaclass_call(scope)
        if called is not None:
            self.edge(Func(called), Class(scope), node)
            self.analysis.facts(Key(called, Class(scope)))
        for owner in self.analysis.mro(scope):
            if type(owner) is External:
                self._external_base(owner, given, node)
        return made

    def _external_base(self, owner: External, given: Given, node: ast.expr) -> None:
        entry = self.vocabulary.name(owner.name)
        if entry is not None and not entry.attribute and entry.applies(self._arguments(given)):
            self._use(owner.name, entry, How.CALL, node, given)

    def _fields(self, scope: ClassScope, given: Given, node: ast.expr) -> None:
        """A data class binds its arguments to its fields."""
        names = self.analysis.fields(scope)
        for place, value in enumerate(given.positional):
            if place < len(names):
                self.analysis.hold(scope, names[place], value)
        for name, value in given.keywords:
            if name in names:
                self.analysis.hold(scope, name, value)
        if self.quiet:
            return
        for owner in self.analysis.mro(scope):
            key = None if isinstance(owner, External) else self.analysis.construction(owner)
            if key is not None:
                self.facts.edges.setdefault(key, getattr(node, "lineno", 1))


def _type_of_first(given: Given) -> str:
    first = given.positional[0] if given.positional else None
    return first.cls if type(first) is Instance else ""


def _holder_of(node: ast.expr) -> ast.expr | None:
    """The mapping out of which an expression takes a value."""
    match node:
        case ast.Subscript(holder, _):
            return holder
        case ast.Call(ast.Attribute(holder, "setdefault" | "get")):
            return holder
        case _:
            return None


def _told_at_call(entry: Entry | None) -> bool:
    """Whether a call is reported itself, so that awaiting what it gives is not."""
    return entry is not None and entry.category != "foreign_await"


def _looks_like_class(name: str) -> bool:
    """Whether the last part of a name is spelled like a class."""
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not last.isupper()


def _hashes_alike(value: Value) -> bool:
    match value:
        case Constant(_, kind):
            return kind in {"int", "float", "bool", "complex", "NoneType"}
        case Instance(cls, items):
            if cls == "builtins.tuple":
                return bool(items) and all(_hashes_alike(item) for item in items)
            return cls in {"builtins.int", "builtins.float", "builtins.bool"}
        case _:
            return False


def HANDLERS_TEXT(frame: Calls, given: Given, node: ast.Call) -> Value:  # noqa: N802
    from durable_lint.reach.known import _join_text

    return _join_text(frame, given, node)
