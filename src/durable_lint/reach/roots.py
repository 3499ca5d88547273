"""Roots are definitions of orchestrators and entities; everything that is reported hangs on one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import attrs

from durable_lint.model import Finding
from durable_lint.reach.contracts import Contracts, head_of
from durable_lint.reach.facts import Key
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import Fault, Pending
from durable_lint.reach.scopes import Assigned, ClassScope, Function, Module
from durable_lint.reach.values import (
    Bound,
    Class,
    Definition,
    External,
    Func,
    Object,
    Value,
    members_of,
)

__all__ = ["RootSet", "Roots"]

OURS: Final = "durable_async"
ENTITY: Final = "durable_async.entity"
TEMPORAL_CLASS: Final = "temporalio.workflow.defn"
TEMPORAL_RUN: Final = "temporalio.workflow.run"
TEMPORAL_METHODS: Final = frozenset(
    {
        "temporalio.workflow.run",
        "temporalio.workflow.signal",
        "temporalio.workflow.query",
        "temporalio.workflow.update",
        "temporalio.workflow.init",
    }
)
CONTEXTS: Final = frozenset(
    {"OrchestrationContext", "DurableOrchestrationContext", "DurableEntityContext"}
)


@attrs.frozen
class RootSet:
    """What a project is entered by.

    keys: what to reach from, each with the library whose orchestrator it is. looked_at: functions
    whose durable calls must be awaited, reached or not. findings: about contracts.
    """

    keys: dict[Key, str]
    looked_at: list[Key]
    findings: list[Finding]


class Roots(Contracts):
    """Finds the roots of files."""

    def __init__(self, analysis: Knowledge) -> None:
        super().__init__(analysis)
        self._keys: dict[Key, str] = {}
        # Names under which definitions are known.
        self._defined: set[str] = set(analysis.defined_elsewhere)

    def find(self, candidates: Sequence[str]) -> RootSet:
        looked_at: list[Key] = []
        modules = [
            module for path in candidates if (module := self._analysis.load(path)) is not None
        ]
        for module in modules:
            self._analysis.guarded(module.path, module.dotted, partial(self._module, module))
        for module in modules:
            look = partial(self._look_at, module, looked_at)
            self._analysis.guarded(module.path, module.dotted, look)
        return RootSet(dict(self._keys), looked_at, self._findings)

    def _look_at(self, module: Module, looked_at: list[Key]) -> None:
        looked_at.extend(
            Key(function, receiver_of(function), ())
            for function in functions_of(module)
            if self._may_drop(function)
        )

    def _may_drop(self, function: Function) -> bool:
        """Whether a body names anything that is a definition somewhere."""
        scan = function.scan
        return not self._defined.isdisjoint(scan.loads) or not self._defined.isdisjoint(
            scan.attributes
        )

    def _module(self, module: Module) -> None:
        for name, bindings in module.bindings.items():
            for binding in bindings:
                if type(binding) is Function:
                    self._function(binding, self._analysis.decorated(binding)[1])
                elif type(binding) is ClassScope:
                    self._class(binding)
                elif type(binding) is Assigned:
                    self._assigned(module, name, binding)
        for function in functions_of(module):
            self._nested(function)
        self._registered(module)
        self._configured(module)

    def _assigned(self, module: Module, name: str, binding: Assigned) -> None:
        """`checkout = da.orchestrator(_checkout)` makes a root of what it wraps."""
        if not isinstance(binding.value, ast.Call):
            return
        self._class_given(module, binding.value)
        for value in members_of(self._analysis.module_name(module, name)):
            if type(value) is Definition:
                self._define(module, name)
                if value.kind is Pending.ORCHESTRATOR:
                    self._target(value.target)

    def _class_given(self, module: Module, call: ast.Call) -> None:
        """`Basket = da.entity(_Basket)`, also of a decorator that was made with arguments."""
        maker = call.func.func if isinstance(call.func, ast.Call) else call.func
        if len(call.args) != 1:
            return
        target = self._analysis.evaluate_quietly(maker, module, None)
        if type(target) is not External or target.name not in {ENTITY, TEMPORAL_CLASS}:
            return
        for value in members_of(self._analysis.evaluate_quietly(call.args[0], module, None)):
            if type(value) is Class:
                self._class_by(value.scope, {target.name})

    def _define(self, module: Module, name: str) -> None:
        self._defined.add(name)
        self._analysis.links.defined.setdefault(module.path, set()).add(name)

    def _function(self, function: Function, value: Value) -> None:
        for part in members_of(value):
            if type(part) is Definition:
                self._define(function.module, function.name)
                if part.kind is Pending.ORCHESTRATOR:
                    self._target(part.target)
                self.judge(function, part)
                return
        if "durabletask" in self._analysis.options.dialects and self._is_generator_root(function):
            self._root(Key(function, receiver_of(function), ()), "durabletask")

    def _root(self, key: Key, library: str = OURS) -> None:
        """Something that is entered from outside, by the library whose orchestrator it is."""
        self._keys.setdefault(key, library)

    def _target(self, value: Value, library: str = OURS) -> None:
        for part in members_of(value):
            match part:
                case Func(function, closure):
                    self._root(Key(function, receiver_of(function), closure), library)
                case Bound(func, receiver):
                    self._root(Key(func.function, receiver, func.closure), library)
                case Definition(_, _, inner):
                    self._target(inner)
                case Object(scope):
                    called = self._analysis.method(scope, "__call__")
                    if called is not None:
                        self._root(Key(called, part, ()), library)
                case _:
                    pass

    def _class(self, scope: ClassScope) -> None:
        self._class_by(scope, set(self._analysis.decorator_names(scope)))
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if type(binding) is Function:
                    self._function(binding, self._analysis.class_binding(scope, name)[1])
                elif type(binding) is ClassScope:
                    self._class(binding)

    def _class_by(self, scope: ClassScope, names: set[str]) -> None:
        """A class that decorators of these names are given."""
        if ENTITY in names:
            self._entity(scope)
        if TEMPORAL_CLASS in names and "temporalio" in self._analysis.options.dialects:
            self._temporal_class(scope)

    def _entity(self, scope: ClassScope) -> None:
        """The public methods of an entity, inherited ones too, are its operations."""
        receiver = Object(scope)
        for owner in self._analysis.mro(scope):
            if not isinstance(owner, ClassScope):
                continue
            for name, bindings in owner.bindings.items():
                for binding in bindings:
                    if type(binding) is Function and not name.startswith("_"):
                        self._root(Key(binding, receiver, ()))
        for made in self._analysis.construction(scope):
            self._root(made)
        for name in self._analysis.at_construction(scope):
            found = self._analysis.method(scope, name)
            if found is not None:
                self._root(Key(found, receiver, ()))

    def _temporal_class(self, scope: ClassScope) -> None:
        receiver = Object(scope)
        for owner in self._analysis.mro(scope):
            if not isinstance(owner, ClassScope):
                continue
            for bindings in owner.bindings.values():
                for binding in bindings:
                    if type(binding) is Function and (
                        binding.name == "__init__"
                        or TEMPORAL_METHODS & set(self._analysis.decorator_names(binding))
                        or "?.validator" in self._analysis.decorator_names(binding)
                    ):
                        self._root(Key(binding, receiver, ()), "temporalio")
                        if TEMPORAL_RUN in self._analysis.decorator_names(binding):
                            made = Definition(Pending.ORCHESTRATOR, scope.name, Func(binding))
                            self.judge_arguments(binding, made)

    # ------------------------------------------------------------ generator orchestrators

    def _is_generator_root(self, function: Function) -> bool:
        names = self._analysis.decorator_names(function)
        if any(name.endswith((".orchestration_trigger", ".entity_trigger")) for name in names):
            return True
        arguments = [*function.node.args.posonlyargs, *function.node.args.args]
        first = arguments[0] if arguments else None
        if first is None or first.annotation is None or not function.scan.is_generator:
            return False
        text = ast.unparse(first.annotation).strip("'\"").rpartition(".")[2]
        return text in CONTEXTS

    def _registered(self, module: Module) -> None:
        """`worker.add_orchestrator(f)` and `df.Orchestrator.create(f)` name a root."""
        data = module.source.data
        if "durabletask" not in self._analysis.options.dialects or not (
            b"add_orchestrator" in data or b"Orchestrator" in data
        ):
            return
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"add_orchestrator", "create"}
                and len(node.args) == 1
                and isinstance(node.args[0], ast.Name)
                and (node.func.attr != "create" or "Orchestrator" in ast.unparse(node.func.value))
            ):
                self._target(self._analysis.module_name(module, node.args[0].id), "durabletask")

    def _configured(self, module: Module) -> None:
        """Roots that the configuration names: functions, or decorators that make roots."""
        library = self._analysis.dialect_of(module)
        for dotted in self._analysis.options.roots:
            holder, _, name = dotted.rpartition(".")
            if holder == module.dotted and name in module.bindings:
                self._target(self._analysis.module_name(module, name), library)
            self._configured_method(module, dotted, library)
            for bindings in module.bindings.values():
                for binding in bindings:
                    if type(binding) is Function and dotted in self._decorators(binding):
                        self._root(Key(binding, None, ()), library)

    def _configured_method(self, module: Module, dotted: str, library: str) -> None:
        """A method that the configuration names: `module.Class.method`."""
        if not dotted.startswith(f"{module.dotted}."):
            return
        for function in functions_of(module):
            if function.cls is not None and dotted == f"{module.dotted}.{function.qualname}":
                self._root(Key(function, receiver_of(function), ()), library)

    def _decorators(self, function: Function) -> Iterator[str]:
        for decorator in function.decorators:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = self._analysis.evaluate_quietly(inner, function.module, function.cls)
            if type(value) is Func:
                yield f"{value.function.module.dotted}.{value.function.qualname}"
            elif type(value) is External:
                yield value.name

    # ------------------------------------------------------------ functions within functions

    def _nested(self, holder: Function) -> None:
        """Orchestrators that are defined in a function have no name to be found by."""
        if isinstance(holder.node, ast.Lambda):
            return
        for node in holder.scan.functions:
            function = self._analysis.nested(node, holder.module, holder)
            if node.decorator_list:
                self._nested_root(function, node)
            self._nested(function)

    def _nested_root(
        self, function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        for part in members_of(self._analysis.decorated(function)[1]):
            if type(part) is Definition and part.kind is Pending.ORCHESTRATOR:
                self._fault(function, Fault.NESTED, head_of(node, function.module), part)
                self._root(Key(function, None, ()))


def receiver_of(function: Function) -> Value | None:
    return Object(function.cls, exact=False) if function.cls is not None else None


def functions_of(module: Module) -> Iterator[Function]:
    """Every function of a module's top level and classes."""

    def of(bindings: dict[str, list[object]]) -> Iterator[Function]:
        for entries in bindings.values():
            for entry in entries:
                if type(entry) is Function:
                    yield entry
                elif type(entry) is ClassScope:
                    yield from of(entry.bindings)  # type: ignore[arg-type]

    yield from of(module.bindings)  # type: ignore[arg-type]
