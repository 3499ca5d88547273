"""A target of an assignment takes a value: a name, an attribute, an item, or several at once.

What a module or class holds is state; that a target changes it is noted here.
"""

from __future__ import annotations

import ast

from durable_lint.reach.expressions import Expressions
from durable_lint.reach.facts import Given
from durable_lint.reach.scopes import ClassScope, state_of_function
from durable_lint.reach.values import (
    KEPT,
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Func,
    Instance,
    Made,
    ModuleValue,
    Object,
    Pend,
    Value,
    join,
    members_of,
)

__all__ = ["Targets"]


class Targets(Expressions):
    """Assignment, and what it changes."""

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
            self._wrote_variable(target)
            self.env[name] = join(self.env.get(name, NOTHING), value)
            return
        if type(value) is not Constant:
            for loop in self.disorders:
                loop.names.add(name)
        self.env[name] = self.take_order(value)

    def _wrote_variable(self, target: ast.Name) -> None:
        """A variable of the function that made this one is bound: state, if that ran at import."""
        kept = self.closure.get(KEPT)
        if type(kept) is Constant:
            self.wrote(f"{kept.value}.{target.id}", target, "global")

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
                self.analysis.hold(part.scope, target.attr, value)
                self.mutated_receiver(target)
            elif type(part) is Class:
                self._wrote_class(part, target)
                self.analysis.rebound(self._holder_of(part.scope, target.attr), target.attr, value)
            else:
                self._bind_elsewhere(part, target, value)
        self.consume(value)

    def _wrote_class(self, part: Class, target: ast.Attribute) -> None:
        state = self.state_of_class(part, target.attr) or f"{part.scope.state}.{target.attr}"
        self.wrote(state, target, "attribute")

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

    def _bind_elsewhere(self, part: Value, target: ast.Attribute, value: Value = UNKNOWN) -> None:
        if type(part) is ModuleValue:
            self.analysis.met(self.module, part.module)
            self.wrote(f"{part.module.dotted}.{target.attr}", target, "attribute")
            self.analysis.rebound(part.module, target.attr, value)
        elif type(part) is Instance:
            self.put |= {f"{part.cls}.{target.attr}"}
            if part.state:
                self.wrote(part.state, target, "attribute")
        elif type(part) is Made:
            self.put |= {f"{part.by}.{target.attr}"}
        elif type(part) is Func and part.function.parent is None:
            self.wrote(state_of_function(part.function, target.attr), target, "attribute")

    def _bind_item(self, target: ast.Subscript, value: Value) -> None:
        receiver = self.quiet_target(target.value)
        self.compares(target.slice)
        index = self.evaluate(target.slice)
        for part in members_of(receiver):
            if type(part) is Instance:
                self.wrote(part.state, target, "item")
                self.mutated_receiver(target)
                self._put(part, index, value, target.value)
            elif type(part) is Object:
                self.dunder(part, "__setitem__", Given((index, value)), target)
                if part.state:
                    self.wrote(part.state, target, "item")
            else:
                self.mutated_receiver(target)
        self._bind_global(target, index, value)

    def _bind_global(self, target: ast.Subscript, index: Value, value: Value) -> None:
        """`globals()["COUNT"] = 3` binds a name of the module."""
        if not (isinstance(target.value, ast.Call) and type(index) is Constant):
            return
        made = self.quietly(target.value.func)
        if made == External("builtins.globals") and isinstance(index.value, str):
            self.wrote(f"{self.module.dotted}.{index.value}", target, "item")
            self.analysis.rebound(self.module, index.value, value)

    def _put(self, part: Instance, index: Value, value: Value, holder: ast.expr) -> None:
        """A mapping or list holds this as well."""
        cls, items = part.cls, part.items
        if len(items) == 2:
            disorder = part.disorder or (self.order_of_rounds(holder) if self.disorders else None)
            held = (join(items[0], index), join(items[1], value))
            changed = Instance(cls, held, disorder, part.state)
            self.rebind(holder, changed)
            if part.state:
                self.analysis.grow(part.state, changed)
        elif len(items) == 1 and cls == "builtins.list":
            self.rebind(holder, Instance(cls, (join(items[0], value),), part.disorder, part.state))

    def quiet_target(self, node: ast.expr) -> Value:
        """The value of what is changed: that it is read to change it is no read of state."""
        reads = len(self.facts.reads)
        value = self.evaluate(node)
        del self.facts.reads[reads:]
        return value

    def note_unused(self, target: ast.expr, value: Value, node: ast.expr) -> None:
        """A call is assigned to a name that nobody reads, so nobody awaits it."""
        if isinstance(target, ast.Tuple | ast.List) and isinstance(node, ast.Tuple | ast.List):
            if (
                len(target.elts) == len(node.elts)
                and type(value) is Instance
                and len(value.items) == len(node.elts)
            ):
                for part, item, source in zip(target.elts, value.items, node.elts, strict=True):
                    self.note_unused(part, item, source)
            return
        if isinstance(target, ast.Tuple | ast.List) and type(value) is Pend:
            self.dropped(value, node, "as a value")
            return
        if not isinstance(target, ast.Name) or self.function is None:
            return
        scan = self.function.scan
        if target.id not in scan.loads and target.id in scan.bound:
            self.lost(value, node, "unused")
            self.dropped_together(value, node, "unused")

    def dropped_together(self, value: Value, node: ast.expr, use: str) -> None:
        """A list of calls that nobody awaits, written out or made by a comprehension."""
        if type(value) is not Instance:
            return
        if isinstance(node, ast.ListComp):
            makers = [node.elt]
        elif isinstance(node, ast.List | ast.Tuple):
            makers = node.elts
        else:
            return
        for item in value.items:
            for maker in makers:
                self.lost(item, maker, use)

    def _augmented(self, node: ast.AugAssign) -> bool:
        value = self.operand(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            before = self.lookup(target.id)
            if self.function is not None and target.id in self.function.scan.globals:
                self.wrote(f"{self.module.dotted}.{target.id}", target, "global")
                return True
            if self.function is not None and target.id in self.function.scan.nonlocals:
                self._wrote_variable(target)
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
        if kinds & {"builtins.bytearray", "builtins.bytes"} and self.disorders:
            self.confirm(self.order_of_rounds(node.target))
        if not kinds & {"builtins.list", "builtins.str"}:
            return after
        seen = self.order_of_rounds(node.target) if self.disorders else None
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
                    if isinstance(node.op, ast.Add) and _is_text_or_list(held):
                        self.ordered(target)
                self.mutated_receiver(target)
            elif type(part) is Class:
                self._wrote_class(part, target)
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
                self.compares(target.slice)
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


def _is_text_or_list(value: Value) -> bool:
    """Whether adding to a value puts something behind it."""
    return any(
        (type(part) is Instance and part.cls in {"builtins.list", "builtins.str"})
        or (type(part) is Constant and part.kind == "str")
        for part in members_of(value)
    )
