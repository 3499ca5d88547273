"""A method of a library's object has an effect of its own: on a collection, a task, a stack."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.containers import Containers
from durable_lint.reach.facts import Given
from durable_lint.reach.library.iterables import join_text
from durable_lint.reach.observations import Pending
from durable_lint.reach.values import (
    UNKNOWN,
    Constant,
    Definition,
    Instance,
    Member,
    Object,
    Pend,
    Value,
    members_of,
)
from durable_lint.vocabulary.order import FED, FED_METHODS, MUTATORS

__all__ = ["Methods"]

ENTITY_CALLS: Final = frozenset({"call", "signal", "signal_at"})
STACKS: Final = frozenset({"contextlib.ExitStack", "contextlib.AsyncExitStack"})
GROUPS: Final = frozenset({"asyncio.TaskGroup", "anyio.abc.TaskGroup"})

# What Temporal's handles of other workflows are asked for, and then awaited.
HANDLES: Final = {
    "temporalio.workflow.ExternalWorkflowHandle": frozenset({"signal", "cancel"}),
    "temporalio.workflow.ChildWorkflowHandle": frozenset({"signal"}),
    "temporalio.workflow.NexusClient": frozenset({"start_operation", "execute_operation"}),
}


class Methods(Containers):
    """Methods whose flow is known."""

    def call_method(
        self, receiver: Value, target: ast.Attribute, given: Given, node: ast.Call
    ) -> Value | None:
        """What a method gives whose flow is known; None when the call is one like others."""
        name = target.attr
        for part in members_of(self.settle(receiver)):
            if type(part) is Instance:
                if name in FED_METHODS and name in FED.get(part.cls, ()):
                    self.fed(target.value)
                special = self._of_instance_method(part, name, target, given, node)
                if special is not None:
                    return special
            elif type(part) is Constant and part.kind in {"str", "bytes"} and name == "join":
                return join_text(self, given, node)
            elif type(part) is Constant and part.kind == "str" and name == "format":
                return self._formatted(given, node)
            elif type(part) is Object and part.state:
                self.mutated_object(part, name, node)
        return None

    def _of_instance_method(
        self, part: Instance, name: str, target: ast.Attribute, given: Given, node: ast.Call
    ) -> Value | None:
        cls = part.cls
        if cls.startswith("builtins."):
            return self._on_builtin(part, name, target, given, node)
        if cls in STACKS:
            return self._on_stack(name, given, node)
        if cls in GROUPS and name in {"create_task", "start_soon"}:
            return self._on_group(name, given, node)
        if cls.endswith("EventLoop") and name == "create_future":
            return Instance("asyncio.ForeignFuture")
        if cls == "asyncio.RunningLoop":
            return self._on_loop(name, given, node)
        if cls.startswith("durable_async."):
            return self._on_durable(cls, name, node)
        if name in HANDLES.get(cls, ()):
            return self.pend(Pending.EVENT, f"{name} of a workflow's handle", UNKNOWN, node)
        if cls.startswith(("temporalio.", "azure.durable_functions.", "durabletask.")):
            return self._on_context(name, node)
        if name in MUTATORS.get(cls, ()):
            self.mutate(part, name, target, given, node)
        if cls in {"asyncio.Task", "asyncio.Future"}:
            return self._on_task(part, name, given, node)
        return self.container_method(part, name, given, node)

    def _formatted(self, given: Given, node: ast.Call) -> Value:
        """`"{}".format(names)` puts what the values are as text into another."""
        self.escape_all(given, node)
        return self.written_out((*node.args, *(keyword.value for keyword in node.keywords)))

    def _on_builtin(
        self, part: Instance, name: str, target: ast.Attribute, given: Given, node: ast.Call
    ) -> Value | None:
        cls = part.cls
        if cls == "builtins.str" and name == "join":
            return join_text(self, given, node)
        if cls == "builtins.str" and name == "format":
            return self._formatted(given, node)
        if name in MUTATORS.get(cls, ()):
            self.mutate(part, name, target, given, node)
        if cls in {"builtins.set", "builtins.frozenset"} and name == "pop":
            self.popped(part, target, node)
        if cls == "builtins.list" and name == "sort":
            self.forget_order(part)
            self.rebind(target.value, Instance(cls, part.items, None, part.state))
            for keyword, value in given.keywords:
                if keyword == "key":
                    self.call_back(value, Given(part.items), node)
            return Constant(None, "NoneType")
        return self.container_method(part, name, given, node)

    def _on_task(self, part: Instance, name: str, given: Given, node: ast.Call) -> Value | None:
        if name == "add_done_callback":
            self._call_plainly(self.first(given), Given((part,)), node)
            return Constant(None, "NoneType")
        if name == "result":
            return part.items[0] if part.items else UNKNOWN
        return None

    def _on_durable(self, cls: str, name: str, node: ast.Call) -> Value | None:
        if cls == "durable_async.EntityRef" and name in ENTITY_CALLS:
            if name == "call":
                return self.pend(Pending.ACTIVITY, "entity call", UNKNOWN, node)
            self.confirm_loops()
            return Constant(None, "NoneType")
        if name in {"result", "reply", "reject"}:
            return self.pend(Pending.ACTIVITY, name, UNKNOWN, node)
        return None

    def _on_stack(self, name: str, given: Given, node: ast.Call) -> Value | None:
        if name == "callback":
            rest = Given(given.positional[1:], given.keywords)
            self._call_plainly(self.first(given), rest, node)
            return self.first(given)
        if name in {"push_async_callback", "push", "push_async_exit"}:
            self.call_back(self.first(given), Given(given.positional[1:], given.keywords), node)
            return self.first(given)
        if name in {"enter_context", "enter_async_context"}:
            entered = self.enter(self.first(given), node, asynchronous="async" in name)
            if "async" in name:
                return Pend(Pending.COROUTINE, name, entered, "", self.place(node))
            return entered
        return None

    def _call_plainly(self, target: Value, given: Given, node: ast.expr) -> None:
        """Somebody calls this who awaits nothing."""
        made = self.call_back(target, given, node)
        if type(target) is Definition:
            made = self.pend(target.kind, target.name, UNKNOWN, node)
        if type(made) is Pend:
            self.dropped(made, node, "dropped")

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
                    self._call_plainly(given.positional[place], Given(rest), node)
                return Instance("asyncio.TimerHandle")
            case _:
                return self.invoke(Member(Instance("asyncio.AbstractEventLoop"), name), given, node)

    def _on_context(self, name: str, node: ast.Call) -> Value:
        """Methods of the context object of generator orchestrators."""
        if name in {"call_activity", "call_activity_with_retry", "call_http", "call_entity"}:
            return self.pend(Pending.ACTIVITY, name, UNKNOWN, node)
        if name in {"call_sub_orchestrator", "call_sub_orchestrator_with_retry"}:
            return self.pend(Pending.ORCHESTRATOR, name, UNKNOWN, node)
        if name == "create_timer":
            return self.pend(Pending.TIMER, name, UNKNOWN, node)
        if name == "wait_for_external_event":
            return self.pend(Pending.EVENT, name, UNKNOWN, node)
        if name == "continue_as_new":
            self.facts.continues = True
        return UNKNOWN
