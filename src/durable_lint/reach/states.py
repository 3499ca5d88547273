"""A state is what a module or class holds under a name, as long as the process lives.

Invariant: what it holds only grows, and whoever read it before reads it again.
"""

from __future__ import annotations

from durable_lint.reach.bindings import Bindings
from durable_lint.reach.facts import Key
from durable_lint.reach.scopes import Assigned, ClassScope, Function, ImportFrom, Module
from durable_lint.reach.values import (
    ANYTHING,
    KEPT,
    NOTHING,
    UNCHANGING,
    UNKNOWN,
    Bound,
    Constant,
    Func,
    Instance,
    ModuleValue,
    Object,
    Union,
    Unknown,
    Value,
    join,
    members_of,
)
from durable_lint.vocabulary.entry import Entry
from durable_lint.vocabulary.order import MUTATORS

__all__ = ["States", "kept"]


class States(Bindings):
    """The states of modules and classes."""

    def _start(self) -> None:
        super()._start()
        self._states: dict[tuple[str, str], str] = {}
        self._homes: dict[str, tuple[Module | ClassScope, str]] = {}
        self._state_readers: dict[str, set[Key]] = {}
        # What the vocabulary says against making what a module or class holds under a name.
        self.made_with: dict[str, Entry] = {}
        # What made a value that each process has another one of.
        self.differing: dict[str, tuple[str, Entry]] = {}

    def state_of_name(self, module: Module, name: str) -> str:
        """The name of the module state that a name is: bound by assignment, here or elsewhere."""
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

    def _as_state(self, value: Value, state: str, home: tuple[Module | ClassScope, str]) -> Value:
        if isinstance(value, Instance | Object | Union):
            self._homes[state] = home
            holder = home[0]
            module = holder if isinstance(holder, Module) else holder.module
            self.links.claim(state, module.path)
        match value:
            case Instance(cls) if cls in UNCHANGING:
                return value
            case Instance(cls, items, disorder, _, entries):
                return Instance(cls, items, disorder, state, entries)
            case Object(scope, exact):
                return Object(scope, exact, state)
            case Union(parts) if value is not ANYTHING:
                return Union(tuple(self._as_state(part, state, home) for part in parts))
            case _:
                return kept(value)

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
                and name in module.values
                and self.links.group(path) == group
                and all(isinstance(b, ImportFrom) for b in module.bindings.get(name, ()))
            ):
                module.values.pop(name, None)

    def reads_state(self, state: str) -> None:
        """The function that is being read hangs on a state."""
        if self._doing:
            self._state_readers.setdefault(state, set()).add(self._doing[-1])

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


def kept(value: Value) -> Value:
    """A function that is made at import: what it holds of those that made it lives on with it."""
    match value:
        case Func(function, closure) if closure and KEPT not in dict(closure):
            state = _state_of_variables(function)
            free = tuple((name, _kept_as(f"{state}.{name}", held)) for name, held in closure)
            return Func(function, (*free, (KEPT, Constant(state, "str"))))
        case Bound(func, receiver):
            made = kept(func)
            return Bound(made, receiver) if type(made) is Func else value
        case Instance("contextfactory", (inner,)):
            return Instance("contextfactory", (kept(inner),))
        case _:
            return value


def _state_of_variables(function: Function) -> str:
    """What the states are called that the free variables of a function are."""
    maker = function.parent
    return f"{function.module.dotted}.{maker.qualname if maker is not None else '?'}"


def _kept_as(state: str, held: Value) -> Value:
    match held:
        case Instance(cls, items, disorder) if cls in MUTATORS and not held.state:
            return Instance(cls, items, disorder, state, held.entries)
        case Object(scope, exact) if not held.state:
            return Object(scope, exact, state)
        case _:
            return kept(held)
