"""A definition is what a statement makes of a name: a function, through its decorators, or a value.

Invariant: expressions at the level of modules and classes are evaluated by the same interpreter as
those in functions, but quietly: nothing that is done at import is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.reach.annotations import promised, read_annotation
from durable_lint.reach.facts import Facts, Given
from durable_lint.reach.interpreter import Interpreter
from durable_lint.reach.scan import AnyFunction
from durable_lint.reach.scopes import (
    Assigned,
    Binding,
    ClassScope,
    Function,
    Import,
    ImportFrom,
    Module,
)
from durable_lint.reach.states import States, kept
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
    Object,
    Partial,
    Unknown,
    Value,
    join,
    members_of,
)
from durable_lint.vocabulary import When
from durable_lint.vocabulary.entry import Entry

__all__ = ["Definitions"]

METHOD_KINDS: Final = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
    "functools.cached_property": "property",
    "abc.abstractproperty": "property",
}
# Their models hold copies of what their classes bind.
COPYING: Final = ("pydantic.", "pydantic_settings.", "sqlmodel.", "msgspec.")
# Data. An object that was made with a clock may be harmless, for all that is known.
PLAIN: Final = frozenset(
    {
        *("builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.bool"),
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"),
        "uuid.UUID",
    }
)
# What names a process. Hosts, settings and platforms are those of a deployment, and mostly alike.
OF_ONE_PROCESS: Final = frozenset(
    {
        *("os.getpid", "os.getppid", "threading.get_ident", "threading.get_native_id"),
        *("builtins.id", "builtins.hash"),
    }
)
# Decorators of functions whose doings are their own affair.
WALL_MARKS: Final = frozenset({"temporalio.activity.defn"})


class Definitions(States):
    """What functions, classes and assignments define."""

    def _start(self) -> None:
        super()._start()
        self._nested: dict[int, Function] = {}
        self._local_classes: dict[int, ClassScope] = {}
        self._decorated: dict[Function, tuple[str, Value]] = {}
        self.walls: set[Function] = set()

    def _value_of(
        self,
        module: Module,
        name: str,
        binding: Binding,
    ) -> Value:
        state = f"{module.dotted}.{name}"
        match binding:
            case Import() | ImportFrom():
                return self.imported(module, binding)
            case Function():
                value = self.decorated(binding)[1]
                made = type(value) is Object
                return self._as_state(value, state, (module, name)) if made else value
            case ClassScope():
                return Class(binding)
            case Assigned():
                value = self._assigned(module, binding, None)
                self._note_made_at_import(module, binding, None, state)
                self._note_differing(module, binding, None, state, value)
                return self._as_state(value, state, (module, name))

    def member_of_module(self, module: Module, name: str) -> Value:
        """An attribute of a module; what its `__getattr__` gives that is called so."""
        value = super().member_of_module(module, name)
        if value is not UNKNOWN or name in module.bindings or name.startswith("__"):
            return value
        getter = module.bindings.get("__getattr__", [None])[-1]
        if type(getter) is not Function:
            return value
        made = self._quiet_frame(module, None).result_of(Func(getter), None)
        for part in members_of(made):
            if _is_called(part, name):
                return part
        return value

    def _assigned(self, module: Module, binding: Assigned, cls: ClassScope | None) -> Value:
        value: Value = UNKNOWN
        if binding.form == "augmented":
            # `STEPS += [pay]`: what is added is held beside what was there.
            added = self.evaluate_quietly(binding.value, module, cls) if binding.value else NOTHING
            return added if type(added) is Instance and added.items else NOTHING
        if binding.form == "type":
            return read_annotation(
                binding.value, lambda node: self.evaluate_quietly(node, module, cls)
            )
        if binding.value is not None:
            frame = self._quiet_frame(module, cls)
            value = frame.settle_argument(frame.evaluate(binding.value))
            if binding.form == "element":
                value = frame.element(value, binding.value)
            elif binding.form == "entered":
                value = frame.enter(value, binding.value, asynchronous=False)
            for index in binding.path:
                if (
                    type(value) is Instance
                    and value.cls == "builtins.tuple"
                    and 0 <= index < len(value.items)
                ):
                    value = value.items[index]
                else:
                    value = frame.element(value, binding.value)
        if binding.annotation is not None:
            return promised(value, self.annotation(binding.annotation, module, cls))
        return value

    def _note_made_at_import(
        self, module: Module, binding: Assigned, cls: ClassScope | None, state: str
    ) -> None:
        """`RNG = random.Random()` is harmless when it is made, and no use of it is."""
        if isinstance(binding.value, ast.Call) and not binding.path:
            target = self.evaluate_quietly(binding.value.func, module, cls)
            if type(target) is External:
                frame = self._quiet_frame(module, cls)
                entry = frame.counts(target, binding.value)
                if entry is not None and (
                    entry.category == "randomness" or target.name.endswith(("Executor", "Pool"))
                ):
                    self.links.claim(state, module.path)
                    self.made_with[state] = entry._replace(when=When.ALWAYS)

    def _note_differing(
        self,
        module: Module,
        binding: Assigned,
        cls: ClassScope | None,
        state: str,
        value: Value,
    ) -> None:
        """`BOOT = uuid4()` is harmless when it is made, but each process has another one."""
        made = binding.value
        if made is None or isinstance(made, ast.Constant) or binding.path:
            return
        if binding.form != "assign" or not _is_plain(value):
            return
        frame = self._quiet_frame(module, cls)
        for node in _evaluated(made):
            found: tuple[str, Entry] | None = None
            if isinstance(node, ast.Call):
                target = self.evaluate_quietly(node.func, module, cls)
                if type(target) is External:
                    entry = frame.counts(target, node)
                    if entry is not None and _differs(target.name, entry):
                        found = target.name, entry
            elif isinstance(node, ast.Name):
                found = self.differing.get(self.state_of_name(module, node.id))
            if found is not None:
                self.links.claim(state, module.path)
                self.differing[state] = found
                return

    def _quiet_frame(self, module: Module, cls: ClassScope | None) -> Interpreter:
        frame = Interpreter(self, module, Facts(), quiet=True)
        frame.cls = cls
        return frame

    def evaluate_quietly(self, node: ast.expr, module: Module, cls: object = None) -> Value:
        """The value of an expression at the level of a module or class."""
        scope = cls if isinstance(cls, ClassScope) else None
        if isinstance(node, ast.Name) and scope is not None and node.id in scope.bindings:
            return self.class_binding(scope, node.id)[1]
        if type(node) is ast.Name:
            return self.module_name(module, node.id)
        return self._quiet_frame(module, scope).evaluate(node)

    def annotation(self, node: ast.expr | None, module: Module, cls: object = None) -> Value:
        """What an annotation promises."""
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Name) and node.id == "Self" and isinstance(cls, ClassScope):
            return Object(cls, exact=False)
        return read_annotation(node, lambda inner: self.evaluate_quietly(inner, module, cls))

    def nested(self, node: AnyFunction, module: Module, parent: Function | None) -> Function:
        """The function that a statement or lambda within a function makes."""
        made = self._nested.get(id(node))
        if made is None:
            made = self._nested[id(node)] = Function(node, module, None, parent)
        return made

    def local_class(
        self, node: ast.ClassDef, module: Module, parent: Function | None
    ) -> ClassScope:
        made = self._local_classes.get(id(node))
        if made is None:
            made = self._local_classes[id(node)] = ClassScope(node, module, None, parent)
        return made

    def decorated(self, function: Function) -> tuple[str, Value]:
        """What a function statement binds, and how a class takes it: `method`, `static` ..."""
        known = self._decorated.get(function)
        if known is None:
            self._decorated[function] = ("method", Func(function))
            known = self._decorated[function] = self._through_decorators(function)
        return known

    def _through_decorators(self, function: Function) -> tuple[str, Value]:
        kind = "static" if function.name == "__new__" else "method"
        if function.name in {"__init_subclass__", "__class_getitem__"}:
            kind = "class"
        value: Value = Func(function)
        if not function.decorators:
            return kind, value
        frame = self._quiet_frame(function.module, function.cls)
        for decorator in reversed(function.decorators):
            target = self.evaluate_quietly(decorator, function.module, function.cls)
            if type(target) is External:
                special = METHOD_KINDS.get(target.name)
                if special is not None:
                    kind = special
                    continue
            if self._is_wall_mark(decorator, target, function):
                self.walls.add(function)
                continue
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}:
                kind = "accessor"
                continue
            made = frame.invoke(
                target,
                Given((value,)),
                ast.copy_location(ast.Call(func=decorator, args=[], keywords=[]), decorator),
            )
            if _is_callable(made):
                value = made
        return kind, kept(value) if function.parent is None else value

    def _is_wall_mark(self, decorator: ast.expr, target: Value, function: Function) -> bool:
        """`@activity.defn`, also with arguments."""
        if isinstance(decorator, ast.Call):
            target = self.evaluate_quietly(decorator.func, function.module, function.cls)
        if type(target) is Func:
            inner = target.function
            return self.vocabulary.is_activity(f"{inner.module.dotted}.{inner.qualname}")
        return type(target) is External and (
            target.name in WALL_MARKS or self.vocabulary.is_activity(target.name)
        )

    def decorator_names(self, function: Function | ClassScope) -> list[str]:
        """The qualified names of the decorators of libraries."""
        names = []
        cls = function.cls if isinstance(function, Function) else function.parent
        decorators = (
            function.decorators if isinstance(function, Function) else function.node.decorator_list
        )
        for decorator in decorators:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = self.evaluate_quietly(inner, function.module, cls)
            if type(value) is External:
                names.append(value.name)
            elif isinstance(inner, ast.Attribute):
                names.append(f"?.{inner.attr}")
        return names

    def class_binding(self, scope: ClassScope, name: str) -> tuple[str, Value]:
        """What the body of a class binds a name to, and how instances take it."""
        memo = f"binding {name}"
        known = scope.memo.get(memo)
        if known is not None:
            return known  # type: ignore[return-value]
        scope.memo[memo] = ("value", UNKNOWN)
        kind: str = "value"
        value: Value = UNKNOWN
        for binding in scope.bindings.get(name, ()):
            match binding:
                case Function():
                    made_kind, made = self.decorated(binding)
                    if made_kind == "accessor":
                        continue
                    kind, value = made_kind, made
                case ClassScope():
                    kind, value = "value", Class(binding)
                case Import() | ImportFrom():
                    kind, value = "value", self.imported(scope.module, binding)
                case Assigned():
                    if self.is_enum(scope) and binding.annotation is None:
                        kind, value = "value", Object(scope)
                    else:
                        kind = "value"
                        value = self._class_value(scope, name, binding)
                        kind = self._taken_as(scope, binding, value)
        scope.memo[memo] = (kind, value)
        return kind, value

    def _taken_as(self, scope: ClassScope, binding: Assigned, value: Value) -> str:
        """How instances take what an assignment in a class body binds."""
        made = ""
        if isinstance(binding.value, ast.Call):
            target = self.evaluate_quietly(binding.value.func, scope.module, scope)
            made = target.name if type(target) is External else ""
        if made == "builtins.staticmethod":
            return "value"
        if made == "builtins.classmethod":
            return "class"
        return "method" if type(value) is Func or made == "functools.partialmethod" else "value"

    def _class_value(self, scope: ClassScope, name: str, binding: Assigned) -> Value:
        value = self._assigned(scope.module, binding, scope)
        if binding.value is None or self._copies_defaults(scope):
            return value
        state = f"{scope.state}.{name}"
        self._note_made_at_import(scope.module, binding, scope, state)
        if name not in self.fields(scope):  # of those each object has its own
            self._note_differing(scope.module, binding, scope, state, value)
        return self._as_state(value, state, (scope, name))

    def _copies_defaults(self, scope: ClassScope) -> bool:
        """Whether each object gets a copy of what its class binds, as pydantic's models do."""
        return any(
            type(owner) is External and owner.name.startswith(COPYING) for owner in self.mro(scope)
        )

    def judged_by_settings(self, function: Function) -> tuple[Entry | None, str] | None:
        """What the settings say of a function of the project: that it counts, or is harmless."""
        if not self.vocabulary.has_settings:
            return None
        name = f"{function.module.dotted}.{function.qualname}"
        entry = self.vocabulary.name(name)
        if entry is not None:
            return entry, name
        return (None, name) if self.vocabulary.pure(name) else None

    def is_wall(self, function: Function) -> bool:
        """Whether what a function does is its own affair."""
        if function in self.walls:
            return True
        if self.options.activities:
            name = f"{function.module.dotted}.{function.qualname}"
            return self.vocabulary.is_activity(name)
        return False

    def dispatched(self, function: Function) -> list[Function]:
        """The overloads that `functools.singledispatch` may call in place of a function."""
        if not function.decorators or function.parent is not None:
            return []
        names = self.decorator_names(function)
        if not {"functools.singledispatch", "functools.singledispatchmethod"} & set(names):
            return []
        holder = function.cls.bindings if function.cls else function.module.bindings
        return [
            binding
            for bindings in holder.values()
            for binding in bindings
            if type(binding) is Function and _registers(binding, function.name)
        ]

    def declared_result(self, function: Function) -> Value:
        """What the annotation promises of a call."""
        node = function.node
        if isinstance(node, ast.Lambda):
            return UNKNOWN
        return self.annotation(node.returns, function.module, function.cls)

    def yielded(self, function: Function, facts: Facts) -> Value:
        """What iterating a generator gives: what the body yields, or the annotation promises."""
        if facts.yields is not NOTHING and UNKNOWN not in members_of(facts.yields):
            return facts.yields
        declared = self.declared_result(function)
        promised = declared.items[0] if type(declared) is Instance and declared.items else UNKNOWN
        return promised if facts.yields is NOTHING else join(facts.yields, promised)

    def result(self, function: Function, facts: Facts) -> Value:
        """What a call gives: what the body returns, or what the annotation promises."""
        inferred = facts.returns
        if not _is_vague(inferred):
            return inferred
        declared = self.declared_result(function)
        if declared == Constant(None, "NoneType"):
            return UNKNOWN if inferred is NOTHING else inferred
        if inferred == Constant(None, "NoneType") and declared is not UNKNOWN:
            return declared  # a stub
        return promised(UNKNOWN if inferred is NOTHING else inferred, declared)


def _is_plain(value: Value) -> bool:
    """Whether a value is data, and no object that has a use of its own."""
    return all(
        type(part) is Constant
        or (
            type(part) is Instance
            and (
                part.cls in PLAIN
                or (part.cls == "builtins.tuple" and all(map(_is_plain, part.items)))
            )
        )
        for part in members_of(value)
    )


def _differs(name: str, entry: Entry) -> bool:
    """Whether what a call gives is another value in each process, wherever that is deployed."""
    return entry.category in {"wall_clock", "uuid", "randomness"} or name in OF_ONE_PROCESS


def _evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that are evaluated when one is: all in it but what lambdas hold."""
    todo: list[ast.AST] = [node]
    while todo:
        inner = todo.pop()
        if isinstance(inner, ast.Lambda):
            continue
        if isinstance(inner, ast.expr):
            yield inner
        todo.extend(ast.iter_child_nodes(inner))


def _is_called(value: Value, name: str) -> bool:
    """Whether a function or class has a name."""
    match value:
        case Func(function):
            return function.name == name
        case Class(scope):
            return scope.name == name
        case Definition(_, _, target):
            return _is_called(target, name)
        case _:
            return False


def _is_callable(value: Value) -> bool:
    return any(
        isinstance(part, Func | Bound | Definition | Partial | Class | Object)
        or (type(part) is Instance and part.cls in {"contextfactory", "contextwrapped"})
        for part in members_of(value)
    )


def _registers(function: Function, name: str) -> bool:
    """Whether a function is decorated by `name.register`."""
    for decorator in function.decorators:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (
            isinstance(inner, ast.Attribute)
            and inner.attr == "register"
            and isinstance(inner.value, ast.Name)
            and inner.value.id == name
        ):
            return True
    return False


def _is_vague(value: Value) -> bool:
    """Whether a value, or what it holds, is unknown or of a library that nobody knows."""
    return value is NOTHING or any(
        isinstance(part, Unknown | Made)
        or part == Constant(None, "NoneType")
        or (
            isinstance(part, Instance)
            and (
                not part.cls.startswith("builtins.")
                or any(item is NOTHING or isinstance(item, Unknown | Made) for item in part.items)
            )
        )
        for part in members_of(value)
    )
