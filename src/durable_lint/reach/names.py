"""A name or an attribute gives what its scopes bind; looking it up reports nothing.

Scopes are Python's: the function, the functions round it, the module, the builtins; for attributes
the instance, its class and the bases in order.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Final

from durable_lint.reach.facts import Given, Key
from durable_lint.reach.frame import Frame
from durable_lint.reach.keepsakes import made_at_import
from durable_lint.reach.notation import parse_type
from durable_lint.reach.scopes import Assigned, ClassScope, Function
from durable_lint.reach.shapes import defaults_of, forwards_to
from durable_lint.reach.values import (
    DEFAULT,
    LONGEST,
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
    ModuleValue,
    Namespace,
    Object,
    Partial,
    Super,
    Union,
    Value,
    join,
    members_of,
)

__all__ = ["ENUMS", "Names", "rendered"]

ENUMS: Final = frozenset({"enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag"})
# How deep functions within functions are followed into each other's closures.
DEEPEST: Final = 3
CELERY: Final = (
    "celery.app.task.Task",
    frozenset({"?.task", "celery.shared_task", "celery.Celery.task", "celery.task"}),
)
DRAMATIQ: Final = ("dramatiq.Actor", frozenset({"dramatiq.actor"}))
# Methods that hand a function to workers: the class, and what decorates the function.
OF_JOBS: Final = {
    "delay": CELERY,
    "apply_async": CELERY,
    "send": DRAMATIQ,
    "send_with_options": DRAMATIQ,
}
COROUTINE_METHODS: Final = frozenset({"close", "send", "throw", "__await__", "options"})


class Names(Frame):
    """What names and attributes mean."""

    # Whose body is read, when it is that of a class.
    cls: ClassScope | None = None
    # The classes of libraries of which objects were made in here, and whether with arguments that
    # may be found in them again.
    laden: Mapping[str, bool] = {}
    # Attributes of what is of libraries that were set in here: `acme.Bag.task`.
    put: frozenset[str] = frozenset()

    def is_bare(self, cls: str) -> bool:
        """Whether objects of a library's class are sure to hold nothing of anybody else's."""
        return self.laden.get(cls) is False

    # ------------------------------------------------------------ names

    def lookup(self, name: str) -> Value:
        """What a name means here."""
        function = self.function
        if function is None and self.cls is not None and name in self.cls.bindings:
            return self.analysis.class_binding(self.cls, name)[1]
        value = self.env.get(name)
        if value is not None:
            return self.captured(value) if type(value) is Func else value
        if function is None:
            return self.analysis.module_name(self.module, name)
        if name in function.scan.bound:
            return UNKNOWN
        if name in self.closure:
            return self.closure[name]
        parent = function.parent
        while parent is not None:
            if name in parent.scan.bound:
                return UNKNOWN
            parent = parent.parent
        return self.analysis.module_name(self.module, name)

    def captured(self, func: Func, depth: int = 0) -> Func:
        """A function made in here, with what its free variables are now."""
        if func.closure or func.function.parent is not self.function or self.function is None:
            return func
        closure: list[tuple[str, Value]] = []
        for free in sorted(func.function.scan.frees):
            value = self.env.get(free)
            if value is None:
                value = self.closure.get(free)
            if value is None or value is UNKNOWN:
                continue
            if type(value) is Func and value.function.parent is self.function:
                if depth >= DEEPEST or value.function is func.function:
                    continue
                value = self.captured(value, depth + 1)
            closure.append((free, value))
        if func.function not in self.capturing:
            closure.extend(self._defaults(func.function))
        return Func(func.function, tuple(closure))

    # The functions whose defaults are looked at now: one may hang on itself.
    capturing: tuple[Function, ...] = ()

    def _defaults(self, function: Function) -> Iterator[tuple[str, Value]]:
        """What a function made in here calls, or asks, when it is not given another."""
        before, self.capturing = self.capturing, (*self.capturing, function)
        for name, default in defaults_of(function):
            value = self.quietly(default)
            if isinstance(value, Func | Bound | Partial | Definition | External | Object):
                yield f"{DEFAULT}{name}", value
        self.capturing = before

    # ------------------------------------------------------------ attributes

    def attribute(self, value: Value, name: str, node: ast.expr) -> Value:
        match value:
            case External(chain) | Made(chain) | Member(_, chain) if len(chain) > LONGEST:
                return UNKNOWN
            case External(qualified):
                return External(self.vocabulary.canonical(f"{qualified}.{name}"))
            case ModuleValue(module):
                self.analysis.met(self.module, module)
                return self.analysis.member_of_module(module, name)
            case Namespace(importer, dotted):
                return self.analysis.module_value(importer, f"{dotted}.{name}")
            case Object():
                return self._of_object(value, name, node)
            case Class(scope):
                return self._of_class(scope, name, value)
            case Super(after, receiver):
                return self._of_super(after, receiver, name)
            case Instance():
                return Member(value, name)
            case Member():
                return self._of_member(value, name)
            case _:
                return self._of_other(value, name, node)

    def _of_other(self, value: Value, name: str, node: ast.expr) -> Value:
        match value:
            case Made(by, laden):
                return Made(f"{by}.{name}", laden)
            case Constant(_, kind):
                return Member(Instance(f"builtins.{kind}"), name)
            case Definition():
                return self._of_definition(value, name)
            case Union(parts):
                joined: Value = NOTHING
                for part in parts:
                    joined = join(joined, self.attribute(part, name, node))
                return joined
            case Func() | Bound() if name in {"register", "dispatch"}:
                return Marker("identity")
            case Func(function) if name in OF_JOBS:
                return self._of_job(function, name)
            case _:
                return UNKNOWN

    def _of_job(self, function: Function, name: str) -> Value:
        """A method of what a queue of jobs made of a function: `work.delay(3)`."""
        cls, decorators = OF_JOBS[name]
        if decorators.isdisjoint(self.analysis.decorator_names(function)):
            return UNKNOWN
        return Member(Instance(cls), name)

    def _of_member(self, value: Member, name: str) -> Value:
        cls = rendered(value.of)
        if self.vocabulary.is_attribute(cls, value.path):
            settled = self.settle(value)
            if type(settled) is Instance:
                return Member(settled, name)
        return Member(value.of, f"{value.path}.{name}")

    def settle(self, value: Value) -> Value:
        """What a member is when it is read rather than called."""
        match value:
            case Member(of, path):
                known = self.vocabulary.member_result(rendered(of), path)
                if known is None or self.vocabulary.is_attribute(rendered(of), path) is False:
                    return UNKNOWN
                return parse_type(known, of.items)
            case External(qualified) if "." in qualified:
                owner, _, name = qualified.rpartition(".")
                if self.vocabulary.is_attribute(owner, name):
                    known = self.vocabulary.result(qualified)
                    if known is not None:
                        return parse_type(known)
                return value
            case _:
                return value

    def held(self, value: Value) -> Value:
        """What a member is when it is read; one of a library's object is of the library."""
        settled = self.settle(value)
        if settled is UNKNOWN and type(value) is Member and "." in value.of.cls:
            cls = value.of.cls
            return Made(f"{cls}.{value.path}", laden=not self.is_bare(cls))
        return settled

    def _of_definition(self, value: Definition, name: str) -> Value:
        if name == "fn":
            return value.target
        if name in {"options", "with_options"}:
            return Partial(External("durable.options"), (value,))
        return UNKNOWN

    def _of_class(self, scope: ClassScope, name: str, receiver: Value) -> Value:
        if name == "__new__" and self.analysis.method(scope, name) is None:
            return External("builtins.object.__new__")
        for owner in self.analysis.mro(scope):
            if type(owner) is External:
                return External(self.vocabulary.canonical(f"{owner.name}.{name}"))
            assert isinstance(owner, ClassScope)
            found = self._own(owner, name, receiver, bound=False)
            if found is not None:
                return found
        return UNKNOWN

    def _own(self, owner: ClassScope, name: str, receiver: Value, *, bound: bool) -> Value | None:
        """What the body of one class binds a name to, seen from the class or from an instance."""
        if name not in owner.bindings:
            return None
        kind, value = self.analysis.class_binding(owner, name)
        if kind == "property":
            if not bound:
                return UNKNOWN
            return self._property(value, receiver)
        if kind == "class":
            cls: Value = Class(receiver.scope) if type(receiver) is Object else receiver
            return self._bind(value, cls)
        if bound and type(value) is Object:
            got = self._descriptor(value, receiver)
            if got is not None:
                return got
        if kind == "method" and bound:
            return self._bind(value, receiver)
        return value

    def _descriptor(self, value: Object, receiver: Value) -> Value | None:
        """What reading an attribute gives when the class holds a descriptor."""
        getter = self.analysis.method(value.scope, "__get__")
        if getter is None:
            return None
        plain = Object(value.scope, value.exact)
        self.analysis.contribute(getter, plain, Given((receiver, UNKNOWN)))
        self.edge_now(Func(getter), plain)
        return self.result_of(Func(getter), plain)

    def _bind(self, value: Value, receiver: Value) -> Value:
        match value:
            case Func():
                return Bound(value, receiver)
            case Instance("contextfactory", (Func() as func,)):
                return Instance("contextfactory", (Bound(func, receiver),))
            case Partial(of, given, keywords):
                return Partial(self._bind(of, receiver), given, keywords)
            case Union(parts):
                joined: Value = NOTHING
                for part in parts:
                    joined = join(joined, self._bind(part, receiver))
                return joined
            case _:
                return value

    def _property(self, value: Value, receiver: Value) -> Value:
        joined: Value = NOTHING
        for part in members_of(value):
            if type(part) is Func:
                self.edge_now(part, receiver)
                joined = join(joined, self.result_of(part, receiver, self.reader))
        return UNKNOWN if joined is NOTHING else joined

    def edge_now(self, func: Func, receiver: Value | None) -> None:
        """An edge at the expression that is being read."""
        key = Key(func.function, receiver, func.closure)
        if not self.quiet:
            self.facts.edges.setdefault(key, self.line)

    # The expression that reads an attribute now, and its line.
    reader: ast.expr | None = None
    line: int = 1

    @abstractmethod
    def result_of(
        self,
        func: Func,
        receiver: Value | None,
        node: ast.expr | None = None,
        context: tuple[tuple[str, Value], ...] = (),
    ) -> Value:
        """What calling a function gives."""

    def _of_object(self, value: Object, name: str, node: ast.expr) -> Value:
        self.line, self.reader = getattr(node, "lineno", self.line), node
        if name == "__class__":
            return Class(value.scope)
        if name == "__dict__":
            return UNKNOWN
        joined: Value = NOTHING
        for scope in self._meant(value, name):
            receiver = value if scope is value.scope else Object(scope, True, value.state)
            joined = join(joined, self._of_instance_of(scope, name, receiver))
        return made_at_import(joined, value.state) if value.state else joined

    def _meant(self, value: Object, name: str) -> list[ClassScope]:
        """The classes whose attribute is meant: subclasses too, when the object may be of one."""
        if value.exact:
            return [value.scope]
        return self.analysis.implementations(value.scope, name)

    def _of_instance_of(self, scope: ClassScope, name: str, receiver: Object) -> Value:
        held = self.analysis.instance_attribute(scope, name)
        for owner in self.analysis.mro(scope):
            if type(owner) is External:
                if held is not None:
                    return held
                if owner.name in ENUMS:
                    return self._of_enum(scope) if name in {"value", "_value_"} else UNKNOWN
                if owner.name == "typing.Protocol" or owner.name.startswith(
                    ("abc.", "builtins.object")
                ):
                    continue
                return Member(Instance(owner.name), name)
            assert isinstance(owner, ClassScope)
            if name in owner.bindings:
                kind, _ = self.analysis.class_binding(owner, name)
                if held is not None and kind == "value":
                    return held
                found = self._own(owner, name, receiver, bound=True)
                if found is not None:
                    return found
        if held is not None:
            return held
        getter = self.analysis.method(scope, "__getattr__")
        if getter is not None:
            self.edge_now(Func(getter), receiver)
            forwarded = self._forwarded(scope, getter, name)
            return self.result_of(Func(getter), receiver) if forwarded is UNKNOWN else forwarded
        return UNKNOWN

    # The classes whose `__getattr__` is followed now: two may hand on to each other.
    forwarding: tuple[ClassScope, ...] = ()

    def _forwarded(self, scope: ClassScope, getter: Function, name: str) -> Value:
        """What stands behind a proxy: its `__getattr__` asks what it holds for the same name."""
        held = forwards_to(getter)
        if held is None or scope in self.forwarding:
            return UNKNOWN
        inner = self.analysis.instance_attribute(scope, held)
        if inner is None:
            return UNKNOWN
        before, self.forwarding = self.forwarding, (*self.forwarding, scope)
        try:
            return self.attribute(
                inner, name, ast.Name(held, ast.Load(), lineno=self.line, col_offset=0)
            )
        finally:
            self.forwarding = before

    def _of_enum(self, scope: ClassScope) -> Value:
        """The value of a member, which may be any: what is written behind their names."""
        joined: Value = NOTHING
        for owner in self.analysis.mro(scope):
            if not isinstance(owner, ClassScope):
                continue
            for bindings in owner.bindings.values():
                last = bindings[-1]
                if type(last) is Assigned and last.annotation is None and last.value is not None:
                    joined = join(
                        joined, self.analysis.evaluate_quietly(last.value, owner.module, owner)
                    )
        members = members_of(joined)
        auto = any(type(part) is Instance and part.cls == "enum.auto" for part in members)
        return UNKNOWN if joined is NOTHING or auto else joined

    def _of_super(self, after: ClassScope, receiver: Value, name: str) -> Value:
        scope = receiver.scope if isinstance(receiver, Object | Class) else after
        line = self.analysis.mro(scope)
        try:
            place = line.index(after)
        except ValueError:
            place, line = 0, self.analysis.mro(after)
        for owner in line[place + 1 :]:
            if type(owner) is External:
                if name == "__new__":
                    break
                return Member(Instance(owner.name), name)
            assert isinstance(owner, ClassScope)
            found = self._own(owner, name, receiver, bound=type(receiver) is not Class)
            if found is not None:
                return found
        return External("builtins.object.__new__") if name == "__new__" else UNKNOWN

    def state_of_class(self, value: Value, name: str) -> str:
        """The name of the class state that an attribute is, if it is one."""
        scope = value.scope if isinstance(value, Object | Class) else None
        if scope is None:
            return ""
        for owner in self.analysis.mro(scope):
            if isinstance(owner, ClassScope) and name in owner.bindings:
                binding = owner.bindings[name][-1]
                return f"{owner.state}.{name}" if type(binding) is Assigned else ""
        return ""


def rendered(value: Instance) -> str:
    """A type as the vocabulary takes it, elements by number: `builtins.dict[$0, $1]`."""
    if not value.items:
        return value.cls
    return f"{value.cls}[{', '.join(f'${place}' for place in range(len(value.items)))}]"
