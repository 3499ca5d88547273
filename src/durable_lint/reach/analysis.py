"""What roots reach is found by following edges from them; nothing else is reported.

Facts about a function are made on demand and kept. When what a function is given, or what an
attribute holds, turns out to be more than was known, the facts that hang on it are made again,
until nothing grows any more.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import attrs

from durable_lint.discover.modules import Modules
from durable_lint.model import Finding, Span, Step
from durable_lint.reach.annotations import promised, read_annotation
from durable_lint.reach.classes import Classes
from durable_lint.reach.facts import Facts, Given, Judged, Key, Unresolved
from durable_lint.reach.gaps import Typist
from durable_lint.reach.imported import Imported
from durable_lint.reach.interpreter import Interpreter
from durable_lint.reach.iteration import without_disorder
from durable_lint.reach.links import Links
from durable_lint.reach.knowledge import Judge, Options
from durable_lint.reach.observations import Observation, StateRead, StateWrite
from durable_lint.reach.scopes import (
    AnyFunction,
    Assigned,
    ClassScope,
    Function,
    Import,
    ImportFrom,
    Module,
    is_main,
    is_type_checking,
)
from durable_lint.reach.values import (
    ANYTHING,
    NOTHING,
    UNCHANGING,
    UNKNOWN,
    Bound,
    Class,
    Constant,
    Definition,
    External,
    Func,
    Instance,
    Made,
    ModuleValue,
    Namespace,
    Object,
    Partial,
    Union,
    Unknown,
    Value,
    join,
    members_of,
)
from durable_lint.source import Source, SourceError
from durable_lint.vocabulary import Entry, Vocabulary, When
from durable_lint.vocabulary.order import MUTATORS

__all__ = ["Analysis", "Options", "Result"]

# Never read, even when their source lies in the project: what they do is known.
WALLS: Final = frozenset({"durable_async", "durable_lint", "temporalio", "durabletask"})
# Of the many packages under `azure`, these are orchestrators' own.
AZURE: Final = ("azure.durable_functions", "azure.functions")
DEEPEST: Final = 40  # functions within functions that are read at a stretch
OFTENEST: Final = 5  # how often the facts of one function are made again
ROUNDS: Final = 8
DEEPEST_CONTEXT: Final = 4
# In how many ways one function is read, by what it is given to call.
MOST_CONTEXTS: Final = 300
RECURSION: Final = 12_000

DEFECT: Final = "defect of durable-lint"


@attrs.frozen
class Result:
    """findings: in the order of path and line. reached: the files that were looked into."""

    findings: list[Finding]
    reached: set[str]
    unresolved: list[Unresolved]
    errors: list[SourceError]


class Analysis:
    """One project, as far as it has been looked at."""

    def __init__(
        self,
        modules: Modules,
        sources: Callable[[str], Source],
        vocabulary: Vocabulary,
        options: Options,
        judge: Judge,
        typist: Typist | None = None,
    ) -> None:
        self.finder = modules
        self.sources = sources
        self.vocabulary = vocabulary
        self.options = options
        self.judge = judge
        self.typist = typist
        self.errors: dict[str, SourceError] = {}
        self.links = Links()
        self.imports = Imported(modules, self._data)
        # Files with a class that hears of the classes derived from it.
        self._hooked: set[str] = set()
        # False when something was cut short: what else is analysed may have had a part in that.
        self.thorough = True
        # Names of orchestrators and activities in files that are not looked at here.
        self.defined_elsewhere: frozenset[str] = frozenset()
        self.classes = Classes(self)
        self.mro = self.classes.mro
        self.method = self.classes.method
        self.is_enum = self.classes.is_enum
        self.is_abstract = self.classes.is_abstract
        self.fields = self.classes.fields
        self.at_construction = self.classes.at_construction
        self.setter = self.classes.setter
        self.metaclass_call = self.classes.metaclass_call
        self._modules: dict[str, Module | None] = {}
        self._facts: dict[Key, Facts] = {}
        self._looked: dict[Key, Facts] = {}
        self._doing: list[Key] = []
        self._making: set[Key] = set()
        self._times: dict[Key, int] = {}
        self._places: dict[Key, int] = {}
        self._keys: dict[Function, set[Key]] = {}
        self._parameters: dict[tuple[Function, str], Value] = {}
        self._attributes: dict[tuple[ClassScope, str], Value] = {}
        self._readers: dict[tuple[ClassScope, str], set[Key]] = {}
        self._users: dict[Key, set[Key]] = {}
        self._dirty: set[Key] = set()
        self._nested: dict[int, Function] = {}
        self._local_classes: dict[int, ClassScope] = {}
        self._decorated: dict[Function, tuple[str, Value]] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._subclasses: dict[str, list[ClassScope]] = {}
        self.walls: set[Function] = set()
        # Modules of the project by their bare names: one that is imported by a path nobody can see
        # is not taken for somebody else's.
        self._own_names = {path.rpartition("/")[2].removesuffix(".py") for path in modules.files}
        self._origins: list[set[str]] = []
        self._consultants: dict[str, set[Key]] = {}
        # What the vocabulary says against making what a module or class holds under a name.
        self.made_with: dict[str, Entry] = {}
        self._fresh: list[Module] = []
        # What nothing reaches is looked at last, and says nothing about what is reached.
        self._frozen = False
        self._instantiated: set[ClassScope] = set()
        self._made_at_import: set[ClassScope] = set()
        # Those who asked which classes are below one.
        self._dispatchers: dict[ClassScope, set[Key]] = {}
        self._homes: dict[str, tuple[Module | ClassScope, str]] = {}
        self._state_readers: dict[str, set[Key]] = {}

    # ------------------------------------------------------------ modules and what they bind

    @property
    def modules(self) -> Mapping[str, Module | None]:
        """The files that were looked into, by path; None of those that could not be."""
        return self._modules

    def load(self, path: str) -> Module | None:
        """The module in a file; None when it cannot be read, which is noted."""
        if path in self._modules:
            return self._modules[path]
        module: Module | None = None
        try:
            module = Module(path, self.finder.name(path), self.sources(path))
        except SourceError as error:
            self.errors[path] = error
        except RecursionError:
            self.errors[path] = SourceError(
                path, 1, 1, "cannot be analysed: it is nested too deeply"
            )
        self._modules[path] = module
        if module is not None:
            self._note_subclasses(module)
            self._fresh.append(module)
        return module

    # ------------------------------------------------------------ what importing does

    def _import_fresh(self) -> bool:
        """Do what importing the modules does that were looked into since: whole packages register themselves.

        False when there were none.
        """
        done = False
        while self._fresh or self._load_acting():
            done = True
            module = self._fresh.pop()
            self.guarded(module.path, module.dotted, partial(self._imported_now, module))
        return done

    def _load_acting(self) -> bool:
        """Look into imported files that may add to what reached code reads."""
        found = self._acting()
        for table, path in found:
            self.links.load(table, path)
        for path in sorted({path for _, path in found}):
            if path not in self._modules:
                self.load(path)
        return bool(self._fresh)

    def _acting(self) -> set[tuple[str, str]]:
        """Files of which tables are read, each with those that may add to them when run."""
        tables = {
            (holder if isinstance(holder, Module) else holder.module).path
            for state in self._state_readers
            if state in self._homes and self._is_table(state)
            for holder in (self._homes[state][0],)
        }
        self.links.tables |= tables | self._hooked
        return {
            (table, path)
            for read, classes in ((tables, False), (self._hooked, True))
            for table in read
            for path in self.imports.acting_on(table, classes=classes)
        }

    def _is_table(self, state: str) -> bool:
        """Whether what a module or class holds under a name can be added to."""
        holder, name = self._homes[state]
        if isinstance(holder, Module):
            value: Value = holder.values.get(name, UNKNOWN)
        else:
            value = self.class_binding(holder, name)[1]
        return any(
            type(part) is Object or (type(part) is Instance and part.cls in MUTATORS)
            for part in members_of(value)
        )

    def _imported_now(self, module: Module) -> None:
        self.imports.follow(module.path)
        for star in module.stars:
            self._star_holder(module, star)
        for name, bindings in list(module.bindings.items()):
            for binding in bindings:
                match binding:
                    case Function() if binding.decorators:
                        self._bound(module, name)
                    case ClassScope():
                        self._class_made(binding)
                    case _:
                        pass
        frame = self._quiet_frame(module, None)
        self._run_statements(frame, module.tree.body)

    def _class_made(self, scope: ClassScope) -> None:
        """`__init_subclass__` and the project's class decorators run when a class is made."""
        frame = self._quiet_frame(scope.module, scope.parent)
        for owner in self.mro(scope)[1:]:
            if isinstance(owner, ClassScope):
                found = owner.method("__init_subclass__")
                if found is not None:
                    frame.invoke(
                        Bound(Func(found), Class(scope)), Given(starred=True), scope.node.bases[0]
                    )
        for decorator in scope.node.decorator_list:
            target = self.evaluate_quietly(decorator, scope.module, scope.parent)
            if isinstance(target, Func | Bound | Object | Partial):
                frame.invoke(target, Given((Class(scope),)), decorator)

    def _run_statements(self, frame: Interpreter, body: Sequence[ast.stmt]) -> None:
        """Calls and changes of collections at the top level: `HANDLERS["a"] = handle`, `register(handle)`."""
        for statement in body:
            match statement:
                case ast.Expr(ast.Call() as call):
                    frame.evaluate(call)
                case ast.Assign(targets) if any(
                    isinstance(target, ast.Subscript | ast.Attribute) for target in targets
                ):
                    frame.execute([statement])
                case ast.For(_, _, inner, _) | ast.With(_, inner) | ast.Try(inner):
                    self._run_statements(frame, inner)
                case ast.If(test, inner, other) if not is_main(test) and not is_type_checking(test):
                    self._run_statements(frame, inner)
                    self._run_statements(frame, other)
                case _:
                    pass

    def grow(self, state: str, value: Value) -> None:
        """What a module or class holds under a name turns out to be more."""
        home = self._homes.get(state)
        if home is None or self._frozen:
            return
        holder, name = home
        if isinstance(holder, Module):
            before = holder.values.get(name, NOTHING)
        else:
            before = self.class_binding(holder, name)[1]
        after = join(before, value)
        if after == before:
            return
        if isinstance(holder, Module):
            holder.values[name] = after
        else:
            holder.memo[f"binding {name}"] = ("value", after)
        self._dirty |= self._state_readers.get(state, set())
        self._forget_imports(state)

    def rebound(self, holder: Module | ClassScope, name: str, value: Value) -> None:
        """Reached code binds a name of a module or class: to a singleton that it makes, say."""
        if isinstance(value, Constant | Unknown):
            return
        dotted = holder.dotted if isinstance(holder, Module) else holder.state
        state = f"{dotted}.{name}"
        self.grow(state, self._as_state(value, state, (holder, name)))

    def _forget_imports(self, state: str) -> None:
        """Modules that import a grown name hold what it was."""
        name = state.rpartition(".")[2]
        holder = self._homes[state][0]
        home = holder if isinstance(holder, Module) else holder.module
        group = self.links.group(home.path)
        for path, module in self._modules.items():
            if (
                module is not None
                and self.links.group(path) == group
                and name in module.values
                and all(isinstance(b, ImportFrom) for b in module.bindings.get(name, ()))
            ):
                module.values.pop(name, None)

    @property
    def reaching(self) -> bool:
        """Whether what is read now is reached; at the end, functions that nothing reaches are looked at."""
        return not self._frozen

    def reads_state(self, state: str) -> None:
        """The function that is being read hangs on a state."""
        if self._doing:
            self._state_readers.setdefault(state, set()).add(self._doing[-1])

    def made_at_import(self, scope: ClassScope) -> None:
        """A module makes an object of a class when it is imported."""
        self._made_at_import.add(scope)

    def implementations(self, scope: ClassScope, name: str) -> list[ClassScope]:
        """The classes whose method is meant by an object that may be of a subclass.

        Only those of which reached code makes objects; when none is seen to be made, the class itself,
        or the only one that has a body for the method.
        """
        if self._doing:
            self._dispatchers.setdefault(scope, set()).add(self._doing[-1])
        below = self.subclasses(scope)
        made = [cls for cls in (scope, *below) if cls in self._instantiated]
        if made:
            return made[:8]
        if not self.is_abstract(scope, name):
            return [scope]
        able = [cls for cls in below if name in cls.bindings and not self.is_abstract(cls, name)]
        return able if len(able) == 1 else [scope]

    def _data(self, path: str) -> bytes:
        try:
            return self.sources(path).data
        except SourceError:
            return b""

    def _note_subclasses(self, module: Module) -> None:
        for bindings in module.bindings.values():
            for binding in bindings:
                if type(binding) is ClassScope:
                    if "__init_subclass__" in binding.bindings:
                        self._hooked.add(module.path)
                    for base in binding.node.bases:
                        inner = base.value if isinstance(base, ast.Subscript) else base
                        name = (
                            inner.attr
                            if isinstance(inner, ast.Attribute)
                            else getattr(inner, "id", "")
                        )
                        self._subclasses.setdefault(name, []).append(binding)

    def subclasses(self, scope: ClassScope) -> list[ClassScope]:
        """The classes below one, among the files that were looked into."""
        found: list[ClassScope] = []
        todo = [scope]
        while todo:
            above = todo.pop()
            for below in self._subclasses.get(above.name, ()):
                # A class whose bases nobody asked for yet comes up when they are: see `below_others`.
                if (
                    below not in found
                    and below is not scope
                    and "mro" in below.memo
                    and above in self.mro(below)
                ):
                    found.append(below)
                    todo.append(below)
        return found

    def below_others(self, scope: ClassScope) -> None:
        """It has become known which classes a class is below: who asked about those asks again."""
        for owner in self.mro(scope)[1:]:
            if isinstance(owner, ClassScope):
                self._dirty |= self._dispatchers.get(owner, set())

    def met(self, module: Module, other: Module) -> None:
        """The code of a file looks into another."""
        if other is not module:
            self.links.join(module.path, other.path)

    def _load_for(self, importer: str, path: str) -> Module | None:
        """The module that a file imports."""
        self.links.load(importer, path)
        module = self.load(path)
        if module is None:
            self.links.join(importer, path)  # that it cannot be read makes a difference
        return module

    def module_value(self, importer: str, dotted: str) -> Value:
        """What `import dotted` gives in a file."""
        top = dotted.partition(".")[0]
        if is_wall_module(dotted):
            return External(self.vocabulary.canonical(dotted))
        path = self.finder.find(importer, dotted)
        if path is not None:
            module = self._load_for(importer, path)
            return UNKNOWN if module is None else ModuleValue(module)
        if self.finder.is_namespace(importer, dotted):
            return Namespace(importer, dotted)
        if "." in dotted and self.finder.find(importer, top) is not None:
            return UNKNOWN
        return External(self.vocabulary.canonical(dotted))

    def imported(self, module: Module, binding: Import | ImportFrom) -> Value:
        """What an import binds."""
        if type(binding) is Import:
            return self.module_value(module.path, binding.dotted)
        assert isinstance(binding, ImportFrom)
        holder: Value
        if binding.level:
            path = self.finder.resolve_relative(module.path, binding.level, binding.dotted)
            if path is None:
                return self._from_namespace(module, binding)
            loaded = self._load_for(module.path, path)
            holder = UNKNOWN if loaded is None else ModuleValue(loaded)
        else:
            holder = self.module_value(module.path, binding.dotted)
        match holder:
            case ModuleValue(inner):
                # `from . import words` in a package's own __init__ means the module beside it.
                path = self.finder.submodule(inner.path, binding.name) if inner is module else None
                if path is not None:
                    loaded = self._load_for(module.path, path)
                    return UNKNOWN if loaded is None else ModuleValue(loaded)
                self.met(module, inner)
                return self.member_of_module(inner, binding.name)
            case External(name):
                return External(self.vocabulary.canonical(f"{name}.{binding.name}"))
            case Namespace(importer, dotted):
                return self.module_value(importer, f"{dotted}.{binding.name}")
            case _:
                return UNKNOWN

    def _from_namespace(self, module: Module, binding: ImportFrom) -> Value:
        dotted = f"{binding.dotted}.{binding.name}" if binding.dotted else binding.name
        path = self.finder.resolve_relative(module.path, binding.level, dotted)
        if path is None:
            return UNKNOWN
        loaded = self._load_for(module.path, path)
        return UNKNOWN if loaded is None else ModuleValue(loaded)

    def package_of(self, module: Module) -> str:
        """The package directory of a module; a module that is in none stands for itself."""
        directory = module.path.rpartition("/")[0]
        return directory if f"{directory}/__init__.py" in self.finder.files else module.path

    def member_of_module(self, module: Module, name: str) -> Value:
        """An attribute of a module: what it binds, or a module within the package."""
        value = self._bound(module, name)
        if value is not None:
            return value
        path = self.finder.submodule(module.path, name)
        if path is not None:
            loaded = self._load_for(module.path, path)
            return UNKNOWN if loaded is None else ModuleValue(loaded)
        return UNKNOWN

    def module_name(self, module: Module, name: str) -> Value:
        """What a name means at the level of a module."""
        value = self._bound(module, name)
        if value is not None:
            return value
        if name in BUILTINS:
            return External(f"builtins.{name}")
        return UNKNOWN

    def _bound(self, module: Module, name: str) -> Value | None:
        known: Value | None = module.values.get(name)
        if known is not None:
            self._consulted(module.origins.get(name, {module.path}))
            return known
        origins = {module.path}
        self._origins.append(origins)
        try:
            return self._binding(module, name)
        finally:
            self._origins.pop()
            module.origins[name] = origins
            self._consulted(origins)

    def _consulted(self, paths: set[str]) -> None:
        """What is being found out hangs on these files."""
        if self._origins:
            self._origins[-1] |= paths
        elif self._doing:
            key = self._doing[-1]
            for path in paths:
                self._consultants.setdefault(path, set()).add(key)

    def _binding(self, module: Module, name: str) -> Value | None:
        bindings = module.bindings.get(name)
        if bindings is None:
            return self._starred(module, name)
        module.values[name] = UNKNOWN  # of what is bound in a circle
        value: Value = NOTHING
        for binding in bindings[module.settled.get(name, 0) :]:
            value = join(value, self._value_of(module, name, binding))
            # `f = orchestrator(f)` means the f above it.
            module.values[name] = value
        if value is NOTHING:
            value = UNKNOWN
        module.values[name] = value
        return value

    def _starred(self, module: Module, name: str) -> Value | None:
        if not module.stars or name.startswith("__"):
            return None
        module.values[name] = UNKNOWN
        for star in module.stars:
            holder = self._star_holder(module, star)
            if type(holder) is ModuleValue:
                self.met(module, holder.module)
                exported = holder.module.exported
                if exported is not None and name not in exported:
                    continue
                if exported is None and name.startswith("_"):
                    continue
                value = self._bound(holder.module, name)
                if value is not None:
                    module.values[name] = value
                    return value
            elif type(holder) is External and self._has(holder.name, name):
                return External(self.vocabulary.canonical(f"{holder.name}.{name}"))
        del module.values[name]
        return None

    def _star_holder(self, module: Module, star: ImportFrom) -> Value:
        if star.level:
            path = self.finder.resolve_relative(module.path, star.level, star.dotted)
            loaded = None if path is None else self._load_for(module.path, path)
            return UNKNOWN if loaded is None else ModuleValue(loaded)
        return self.module_value(module.path, star.dotted)

    def _has(self, module: str, name: str) -> bool:
        """Whether a library's module has a name, as far as that is known."""
        qualified = f"{module}.{name}"
        return (
            self.vocabulary.name(qualified) is not None
            or self.vocabulary.result(qualified) is not None
            or qualified
            in {"durable_async.orchestrator", "durable_async.activity", "durable_async.entity"}
            or (is_wall_module(module) and name not in BUILTINS)
        )

    def _value_of(
        self,
        module: Module,
        name: str,
        binding: Import | ImportFrom | Assigned | Function | ClassScope,
    ) -> Value:
        match binding:
            case Import() | ImportFrom():
                return self.imported(module, binding)
            case Function():
                return self.decorated(binding)[1]
            case ClassScope():
                return Class(binding)
            case Assigned():
                value = self._assigned(module, binding, None)
                self._note_made_at_import(module, binding, None, f"{module.dotted}.{name}")
                return self._as_state(value, f"{module.dotted}.{name}", (module, name))

    def _as_state(self, value: Value, state: str, home: tuple[Module | ClassScope, str]) -> Value:
        if isinstance(value, Instance | Object | Union):
            self._homes[state] = home
            holder = home[0]
            module = holder if isinstance(holder, Module) else holder.module
            self.links.claim(state, module.path)
        match value:
            case Instance(cls) if cls in UNCHANGING:
                return value
            case Instance(cls, items, disorder):
                return Instance(cls, items, disorder, state)
            case Object(scope, exact):
                return Object(scope, exact, state)
            case Union(parts) if value is not ANYTHING:
                return Union(tuple(self._as_state(part, state, home) for part in parts))
            case _:
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
        if isinstance(node, ast.Name) and node.id == "Self" and isinstance(cls, ClassScope):
            return Object(cls, exact=False)
        return read_annotation(node, lambda inner: self.evaluate_quietly(inner, module, cls))

    # ------------------------------------------------------------ functions and classes

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
        """What a function statement binds, and how a class takes it: method, static, class, property."""
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
        return kind, value

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
        known = scope.memo.get(f"binding {name}")
        if known is not None:
            return known  # type: ignore[return-value]
        scope.memo[f"binding {name}"] = ("value", UNKNOWN)
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
                        if isinstance(value, Func):
                            kind = "method"
        scope.memo[f"binding {name}"] = (kind, value)
        return kind, value

    def _class_value(self, scope: ClassScope, name: str, binding: Assigned) -> Value:
        value = self._assigned(scope.module, binding, scope)
        if binding.value is None or self._copies_defaults(scope):
            return value
        self._note_made_at_import(scope.module, binding, scope, f"{scope.state}.{name}")
        return self._as_state(value, f"{scope.state}.{name}", (scope, name))

    def _copies_defaults(self, scope: ClassScope) -> bool:
        """Whether each object gets a copy of what its class binds, as pydantic's models do."""
        return any(
            type(owner) is External and owner.name.startswith(COPYING) for owner in self.mro(scope)
        )

    def instance_attribute(self, scope: ClassScope, name: str) -> Value | None:
        """What an attribute that methods set may hold; None when no method sets it."""
        self._ensure_made(scope)
        if self._doing:
            self._readers.setdefault((scope, name), set()).add(self._doing[-1])
        held = self._attributes.get((scope, name))
        if held is None:
            for owner in self.mro(scope)[1:]:
                if isinstance(owner, ClassScope):
                    held = self._attributes.get((owner, name))
                    if held is not None:
                        break
        annotated = self.classes.field_annotation(scope, name)
        if annotated is not None:
            node, owner = annotated
            known = self.annotation(node, owner.module, owner)
            if held is None:
                return self._or_default(owner, name, known)
            return promised(held, known)
        return held

    def _or_default(self, owner: ClassScope, name: str, known: Value) -> Value | None:
        """A field that nobody was seen to set: its annotation, and the default if it has one."""
        binding = owner.bindings[name][-1]
        if type(binding) is Assigned and binding.value is not None:
            if not self.classes.is_field(binding.value, owner):
                return None
            known = promised(self._default_made(binding.value, owner), known)
        return None if known is UNKNOWN else known

    def _default_made(self, field: ast.expr, owner: ClassScope) -> Value:
        """What the factory of a field makes."""
        if isinstance(field, ast.Call):
            for keyword in field.keywords:
                if keyword.arg in {"default_factory", "factory"}:
                    frame = self._quiet_frame(owner.module, owner)
                    return frame.invoke(frame.evaluate(keyword.value), Given(), keyword.value)
        return UNKNOWN

    def _ensure_made(self, scope: ClassScope) -> None:
        """Read the constructor, so that attributes are known."""
        if scope.memo.get("made"):
            return
        scope.memo["made"] = True
        for name in ("__init__", "__post_init__", "__attrs_post_init__"):
            found = self.method(scope, name)
            if found is not None:
                self.facts(Key(found, Object(scope), ()))

    def hold(self, scope: ClassScope, name: str, value: Value) -> None:
        """An attribute of instances of a class may hold this as well."""
        if self._frozen:
            return
        before = self._attributes.get((scope, name), NOTHING)
        after = join(before, without_disorder(value))
        if after != before:
            self._attributes[scope, name] = after
            self._dirty |= self._readers.get((scope, name), set())
            for owner in self.mro(scope)[1:]:
                if isinstance(owner, ClassScope) and name not in owner.bindings:
                    self._attributes.setdefault((owner, name), after)

    def decorates(self, scope: ClassScope) -> bool:
        """Whether objects of a class are context managers that decorate functions."""
        return any(
            type(owner) is External
            and owner.name in {"contextlib.ContextDecorator", "contextlib.AsyncContextDecorator"}
            for owner in self.mro(scope)
        )

    def construction(self, scope: ClassScope) -> Key | None:
        """The key of what the fields of a data class call."""
        made = self.classes.construction(scope)
        return None if made is None else Key(made, None, ())

    def judged_by_settings(self, function: Function) -> tuple[Entry | None, str] | None:
        """What the settings say of a function of the project: that it counts, or that it is harmless."""
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
        node = function.node
        if isinstance(node, ast.Lambda):
            return UNKNOWN
        return self.annotation(node.returns, function.module, function.cls)

    def yielded(self, function: Function, facts: Facts) -> Value:
        """What iterating a generator gives: what the body yields, or what the annotation promises."""
        if facts.yields is not NOTHING and UNKNOWN not in members_of(facts.yields):
            return facts.yields
        declared = self.declared_result(function)
        promised = declared.items[0] if type(declared) is Instance and declared.items else UNKNOWN
        return promised if facts.yields is NOTHING else join(facts.yields, promised)

    def result(self, function: Function, facts: Facts, given: Given) -> Value:
        """What a call gives: what the body returns, or what the annotation promises."""
        del given
        inferred = facts.returns
        if not _is_vague(inferred):
            return inferred
        declared = self.declared_result(function)
        if declared == Constant(None, "NoneType"):
            return UNKNOWN if inferred is NOTHING else inferred
        if inferred == Constant(None, "NoneType") and declared is not UNKNOWN:
            return declared  # a stub
        return promised(UNKNOWN if inferred is NOTHING else inferred, declared)

    # ------------------------------------------------------------ states

    def state_of_name(self, module: Module, name: str) -> str:
        """The name of the module state that a name is: bound by assignment, here or where it is imported from."""
        key = (module.path, name)
        known = self._states.get(key)
        if known is None:
            self._states[key] = ""
            known = self._states[key] = self._state(module, name)
        return known

    def _state(self, module: Module, name: str) -> str:
        bindings = module.bindings.get(name)
        if bindings is None:
            for star in module.stars:
                holder = self._star_holder(module, star)
                if type(holder) is ModuleValue:
                    self.met(module, holder.module)
                if type(holder) is ModuleValue and name in holder.module.bindings:
                    return self.state_of_name(holder.module, name)
            return ""
        binding = bindings[-1]
        match binding:
            case Assigned():
                state = f"{module.dotted}.{name}"
                self.links.claim(state, module.path)
                return state
            case ImportFrom():
                return self._state_imported(module, binding)
            case _:
                return ""

    def _state_imported(self, module: Module, binding: ImportFrom) -> str:
        if binding.level:
            path = self.finder.resolve_relative(module.path, binding.level, binding.dotted)
        else:
            path = self.finder.find(module.path, binding.dotted)
        loaded = None if path is None else self._load_for(module.path, path)
        if loaded is None:
            return ""
        self.met(module, loaded)
        return self.state_of_name(loaded, binding.name)

    # ------------------------------------------------------------ dialects

    def dialect_of(self, module: Module) -> str:
        """Which library's orchestrators a module speaks of, for advice."""
        known = module.dialect
        if known is None:
            known = module.dialect = self._dialect_of(module.source.data)
        return known

    def _dialect_of(self, data: bytes) -> str:
        for dialect in self.options.dialects:
            if dialect == "temporalio" and b"temporalio" in data:
                return dialect
            if dialect == "durabletask" and (b"durabletask" in data or b"azure" in data):
                return dialect
        return "durable_async"

    def yields_await(self, module: Module, function: Function | None) -> bool:
        """Whether `yield` waits: in generator orchestrators."""
        if function is None or "durabletask" not in self.options.dialects or function.is_async:
            return False
        names = function.scan.parameters[:1]
        if names == ["self"]:
            names = function.scan.parameters[1:2]
        return function.scan.is_generator and names != [] and names[0] in {"context", "ctx"}

    def may_report_endless(self, module: Module, function: Function | None) -> bool:
        return function is not None and (function.is_async or self.yields_await(module, function))

    def foreign(self, name: str) -> str | None:
        """The name of what is awaited, when it is another library's and not durable."""
        top = name.partition(".")[0]
        if is_wall_module(name) or top in {"builtins", "asyncio", "contextlib", "typing"}:
            return None
        if top in STDLIB or top in self._own_names:
            return None
        if self.vocabulary.is_durable_safe(name) or self.vocabulary.pure(name):
            return None
        # What is reported where it is called is not reported again where it is awaited.
        entries = [self.vocabulary.name(name)]
        owner, _, last = name.rpartition(".")
        while owner:
            entries.append(self.vocabulary.member(owner, last))
            owner, _, more = owner.rpartition(".")
            last = f"{more}.{last}"
        if any(entry is not None and entry.category != "foreign_await" for entry in entries):
            return None
        return name

    # ------------------------------------------------------------ facts

    def contribute(self, function: Function, receiver: Value | None, given: Given) -> None:
        """Values flow into a function's parameters."""
        if self._frozen:
            return
        node = function.node
        arguments = node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        if receiver is not None and function.cls is not None and names:
            names = names[1:]
        grown = False
        for place, value in enumerate(given.positional):
            if place < len(names):
                grown |= self._flow(function, names[place], value)
            elif arguments.vararg is not None:
                grown |= self._flow(function, "*", value)
        known = {*names, *(argument.arg for argument in arguments.kwonlyargs)}
        for name, value in given.keywords:
            if name in known:
                grown |= self._flow(function, name, value)
            elif arguments.kwarg is not None:
                grown |= self._flow(function, "**", value)
        if grown:
            self._dirty |= self._keys.get(function, set())

    def _flow(self, function: Function, name: str, value: Value) -> bool:
        before = self._parameters.get((function, name), NOTHING)
        if type(value) is Object and value.state:
            value = Object(value.scope, value.exact, value.state)
        if type(value) is Constant and value.kind in PLAIN and before is not NOTHING:
            # Which text or number it is says nothing; a first one alone is kept for `getattr`.
            value = Instance(f"builtins.{value.kind}")
        after = join(before, without_disorder(value))
        if after == before:
            return False
        if before is not NOTHING and _adds_nothing(before, after):
            self._parameters[function, name] = after
            return False
        self._parameters[function, name] = after
        return True

    def parameter(self, function: Function, name: str) -> Value:
        return self._parameters.get((function, name), NOTHING)

    def callables(
        self, function: Function, receiver: Value | None, given: Given
    ) -> tuple[tuple[str, Value], ...]:
        """The functions and classes among the arguments of a call, by parameter."""
        arguments = function.node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        if receiver is not None and function.cls is not None and names:
            names = names[1:]
        if len(self._keys.get(function, ())) >= MOST_CONTEXTS:
            return ()
        found = [
            (name, value)
            for name, value in (*zip(names, given.positional, strict=False), *given.keywords)
            if isinstance(value, CALLABLES)
            and depth_of(value) <= DEEPEST_CONTEXT
            and self._is_worth_telling_apart(value)
        ]
        return tuple(sorted(found, key=lambda item: item[0]))

    def _is_worth_telling_apart(self, value: Value) -> bool:
        """A library's function about which there is nothing to say makes no difference to who is given it."""
        return type(value) is not External or self.vocabulary.name(value.name) is not None

    def facts(self, key: Key) -> Facts:
        """The facts of a function, as far as they are known now."""
        if self._doing:
            self._users.setdefault(key, set()).add(self._doing[-1])
        known = self._facts.get(key)
        if known is not None:
            return known
        if len(self._doing) >= DEEPEST:
            self._dirty.add(self._doing[-1])
            return Facts()
        return self._make(key)

    def _make(self, key: Key) -> Facts:
        facts = Facts()
        self._facts[key] = facts
        self._keys.setdefault(key.function, set()).add(key)
        self._dirty.discard(key)
        self._places.setdefault(key, len(self._places))
        self._times[key] = self._times.get(key, 0) + 1
        if self._doing:
            self.met(self._doing[-1].function.module, key.function.module)
        self._doing.append(key)
        try:
            frame = Interpreter(
                self,
                key.function.module,
                facts,
                function=key.function,
                closure=dict(key.closure),
                receiver=key.receiver,
                given=dict(key.given),
            )
            frame.run()
        except Exception as error:  # noqa: BLE001  # whatever it is, the rest is analysed
            self._gave_up(key.function.module.path, key.function.line, key.function.name, error)
        finally:
            self._doing.pop()
        return facts

    def guarded(self, path: str, name: str, work: Callable[[], None]) -> None:
        """Do something about a file; what goes wrong there goes wrong with it alone."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is, the rest is analysed
            self._gave_up(path, 1, name, error)

    def _gave_up(self, path: str, line: int, name: str, error: Exception) -> None:
        """Something was too much for the analysis: say so, and keep what was found out until then."""
        self.thorough = False
        if isinstance(error, RecursionError):
            message = f"`{name}` cannot be analysed to its end: it is nested too deeply"
        elif isinstance(error, SourceError):
            message = error.message
        else:
            message = (
                f"`{name}` cannot be analysed to its end: {type(error).__name__}: {error}. This is a "
                f"{DEFECT}, please report it with the code"
            )
        self.errors.setdefault(path, SourceError(path, line, 1, message))

    def _again(self) -> bool:
        """Make the facts again that hang on something that grew. False when there were none."""
        # What was met last is called by what was met before it: it comes first, so that callers
        # see what has become of it. The order is the same in each run.
        todo = sorted(
            (k for k in self._dirty if self._times.get(k, 0) < OFTENEST and k in self._facts),
            key=self._places.__getitem__,
            reverse=True,
        )
        self._dirty.clear()
        for key in todo:
            before = self._facts.pop(key, None)
            after = self._make(key)
            if before is not None and (
                before.returns != after.returns
                or before.yields != after.yields
                or before.continues != after.continues
                or before.mutates != after.mutates
            ):
                self._dirty |= self._users.get(key, set()) - {key}
        return bool(todo)

    # ------------------------------------------------------------ reach

    def run(self, candidates: Sequence[str]) -> Result:
        """Analyse from the roots in these files."""
        from durable_lint.reach.roots import Roots

        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, RECURSION))
        try:
            roots = Roots(self).find(candidates)
            parents: dict[Key, tuple[Key, int] | None] = {}
            for _ in range(ROUNDS):
                parents = self._reach(roots.keys)
                fresh = self._import_fresh()
                self._note_instantiated(parents)
                if not self._again() and not fresh:
                    break
            else:
                self.thorough = False
            self._look_at(key for key in roots.looked_at if key not in parents)
            return self._result(parents, roots)
        finally:
            self._frozen = False
            sys.setrecursionlimit(before)

    def _reach(self, roots: Sequence[Key]) -> dict[Key, tuple[Key, int] | None]:
        parents: dict[Key, tuple[Key, int] | None] = {}
        queue: deque[Key] = deque()
        for root in roots:
            if root not in parents:
                parents[root] = None
                queue.append(root)
        while queue:
            key = queue.popleft()
            for target, line in list(self.facts(key).edges.items()):
                if target not in parents:
                    self.met(key.function.module, target.function.module)
                    parents[target] = (key, line)
                    queue.append(target)
        return parents

    def _look_at(self, keys: Iterable[Key]) -> None:
        """Read functions that nothing reaches, for the durable calls that they drop."""
        self._frozen = True
        for key in keys:
            if key not in self._looked:
                known = self._facts.pop(key, None)
                self._looked[key] = self.facts(key)
                if known is None:
                    del self._facts[key]
                else:
                    self._facts[key] = known

    def _note_instantiated(self, parents: dict[Key, tuple[Key, int] | None]) -> None:
        """Objects of further classes are made: calls that may mean their methods are read again."""
        made = set(self._made_at_import)
        for key in parents:
            made |= self._facts[key].made
        self._note_made(made - self._instantiated)

    def _note_made(self, fresh: Iterable[ClassScope]) -> None:
        for scope in fresh:
            self._instantiated.add(scope)
            for owner in self.mro(scope):
                if isinstance(owner, ClassScope):
                    self._dirty |= self._dispatchers.get(owner, set())

    def _result(self, parents: dict[Key, tuple[Key, int] | None], roots: object) -> Result:
        from durable_lint.reach.roots import RootSet

        assert isinstance(roots, RootSet)
        found: dict[tuple[str, Span, str], Finding] = {}
        unresolved: dict[tuple[str, Span], Unresolved] = {}
        self._states_touched(parents)
        self.claim_states()
        for key in parents:
            facts = self._facts[key]
            path = key.function.module.path
            for judged in facts.findings.values():
                place = (path, judged.span, judged.code)
                if place not in found:
                    found[place] = self._finding(judged, key, self._via(key, parents))
            for call in facts.unresolved:
                unresolved.setdefault((call.path, call.span), call)
        for key in roots.looked_at:
            if key in parents:
                continue
            for judged in self._looked[key].findings.values():
                if judged.code == roots.everywhere:
                    place = (key.function.module.path, judged.span, judged.code)
                    found.setdefault(place, self._finding(judged, key, ()))
        for finding in roots.findings:
            found.setdefault((finding.path, finding.span, finding.code), finding)
        findings = sorted(found.values(), key=lambda f: (f.path, f.span, f.code))
        reached = {path for path, module in self._modules.items() if module is not None}
        return Result(findings, reached, list(unresolved.values()), list(self.errors.values()))

    def _finding(self, judged: Judged, key: Key, via: tuple[Step, ...]) -> Finding:
        # A helper does not say whose it is: what mends it is that of the orchestrator above it.
        root = self.load(via[0].path) if via else key.function.module
        is_ours = root is None or self.dialect_of(root) == "durable_async"
        return Finding(
            path=key.function.module.path,
            span=judged.span,
            code=judged.code,
            category=judged.category,
            message=judged.verdict.message,
            function=key.function.qualname,
            subject=judged.verdict.subject,
            via=via,
            fixable=judged.verdict.fixable and is_ours,
        )

    def _via(self, key: Key, parents: dict[Key, tuple[Key, int] | None]) -> tuple[Step, ...]:
        steps: list[Step] = []
        parent = parents.get(key)
        while parent is not None:
            above, line = parent
            steps.append(Step(above.function.module.path, line, above.function.qualname))
            parent = parents.get(above)
        return tuple(reversed(steps))

    def claim_states(self) -> None:
        """Note which files read and change which states."""
        for key, facts in (*self._facts.items(), *self._looked.items()):
            for touch in (*facts.reads, *facts.writes):
                self.links.claim(touch.state, key.function.module.path)

    def _states_touched(self, parents: dict[Key, tuple[Key, int] | None]) -> None:
        """State that reached code changes: each change and each read is an observation."""
        writers: dict[str, tuple[str, int]] = {}
        places: set[tuple[str, int, str]] = set()
        for key in parents:
            path = key.function.module.path
            for touch in self._facts[key].writes:
                writers.setdefault(touch.state, (path, touch.span.line))
                places.add((path, touch.span.line, touch.state))
        if not writers:
            return
        for key in parents:
            facts = self._facts[key]
            path = key.function.module.path
            dialect = self.dialect_of(key.function.module)
            for touch in facts.writes:
                self._judge_state(
                    facts,
                    StateWrite(span=touch.span, dialect=dialect, state=touch.state, way=touch.way),
                )
            for touch in facts.reads:
                writer = writers.get(touch.state)
                if writer is not None and (path, touch.span.line, touch.state) not in places:
                    where = f"{writer[0]}:{writer[1]}"
                    self._judge_state(
                        facts,
                        StateRead(
                            span=touch.span, dialect=dialect, state=touch.state, writer=where
                        ),
                    )

    def _judge_state(self, facts: Facts, seen: Observation) -> None:
        judged = self.judge(seen)
        if judged is not None:
            code, category, verdict = judged
            facts.findings.setdefault((seen.span, code), Judged(code, category, verdict, seen.span))


CALLABLES: Final = (Func, Bound, Definition, Partial, External, Class)


def depth_of(value: Value) -> int:
    """How deep functions hang on functions in a value."""
    match value:
        case Func(_, closure):
            return 1 + max((depth_of(item) for _, item in closure), default=0)
        case Bound(func, _):
            return depth_of(func)
        case Definition(_, _, target):
            return depth_of(target)
        case Partial(of, given, _):
            return 1 + max((depth_of(item) for item in (of, *given)), default=0)
        case _:
            return 0


def is_wall_module(dotted: str) -> bool:
    """Whether a module is of a library of orchestrators."""
    return dotted.partition(".")[0] in WALLS or dotted.startswith(AZURE)


PLAIN: Final = frozenset({"str", "bytes", "int", "float"})
# Values of these classes have no methods that anybody would report, nor hold any.
HARMLESS: Final = frozenset(
    {
        *("builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.bool"),
        *("datetime.datetime", "datetime.timedelta", "datetime.date", "decimal.Decimal"),
        *("uuid.UUID", "builtins.complex"),
    }
)


def _adds_nothing(before: Value, after: Value) -> bool:
    """Whether what a parameter may be as well can change nothing of what is found."""
    known = set(members_of(before))
    return all(
        part is UNKNOWN
        or type(part) is Constant
        or (type(part) is Instance and part.cls in HARMLESS)
        for part in members_of(after)
        if part not in known
    )


def _is_callable(value: Value) -> bool:
    return any(
        isinstance(part, Func | Bound | Definition | Partial | Class | Object)
        or (type(part) is Instance and part.cls in {"contextfactory", "contextwrapped"})
        for part in members_of(value)
    )


def _registers(function: Function, name: str) -> bool:
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


METHOD_KINDS: Final = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
    "functools.cached_property": "property",
    "abc.abstractproperty": "property",
}
COPYING: Final = ("pydantic.", "pydantic_settings.", "sqlmodel.", "msgspec.")
WALL_MARKS: Final = frozenset({"temporalio.activity.defn"})

import builtins  # noqa: E402

BUILTINS: Final = frozenset(vars(builtins))
STDLIB: Final = frozenset(sys.stdlib_module_names)
