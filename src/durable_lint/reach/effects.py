"""An effect is what making the facts of a function did beyond them: who did it is remembered.

Invariant: what a function does no longer, and nobody else does, is undone; where that cannot be
told, everything is outdated.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from durable_lint.reach.analysis import Analysis, Parents
from durable_lint.reach.facts import Facts, Key
from durable_lint.reach.observations import Iterated
from durable_lint.reach.places import Place
from durable_lint.reach.scopes import ClassScope, Function, ImportFrom, Module
from durable_lint.reach.values import (
    NOTHING,
    Bound,
    Definition,
    Func,
    Instance,
    Member,
    Partial,
    Pend,
    Union,
    Value,
    join,
)

__all__ = ["Effects", "OutdatedError", "has_places", "taken_by"]

T = TypeVar("T")

# To a parameter, an attribute, a state, a module that was imported.
Effect = tuple[str, object, str]


class OutdatedError(Exception):
    """What is known cannot be mended; it is to be found out anew."""


class Effects(Analysis):
    """An analysis that knows who did what."""

    def _start(self) -> None:
        super()._start()
        # Who did what; None is what is found out once and stays.
        self._sent: dict[Key | None, dict[Effect, Value]] = {}
        self._senders: dict[Effect, set[Key | None]] = {}
        self._asks: dict[Key, set[Key]] = {}
        self._outside: set[Key] = set()
        self._statics: list[int] = []
        self._keys_in: dict[str, set[Key]] = {}
        # On which files hangs what names of modules mean, and who asked for such.
        self._origins: list[set[str]] = []
        self._consultants: dict[str, set[Key]] = {}
        # What each file imports, by the names that it has where it comes from.
        self._taken: dict[str, dict[str, list[ImportFrom]]] = {}
        # What came about while unreached functions were looked at, and goes again.
        self._idle_modules: set[str] = set()
        self._idle_facts: list[Key] = []
        self._idle_memos: list[Callable[[], object]] = []
        # While a change is followed.
        self._mending = self._walking = self._rewired = False
        # A name of a file means something else: where something was made tells nothing then.
        self._renamed = False
        self._lost: dict[Effect, Value] = {}
        self._gone: set[Key] = set()
        self._parents: Parents = {}
        self._writing: set[Key] = set()
        # Whose findings stand in other files, too.
        self._abroad: set[Key] = set()

    @abstractmethod
    def _roots(self) -> Iterable[Key]:
        """What is entered from outside."""

    # ------------------------------------------------------------ who does what

    def _source(self) -> Key | None:
        """Whose facts are being made; None while something is found out that stays."""
        doing = self._doing
        if not doing or (self._statics and self._statics[-1] == len(doing)):
            return None
        return doing[-1]

    def _send(self, effect: Effect, value: Value) -> None:
        if self._frozen:
            return
        source = self._source()
        sent = self._sent.setdefault(source, {})
        sent[effect] = join(sent.get(effect, NOTHING), value)
        self._senders.setdefault(effect, set()).add(source)

    def _flow(self, function: Function, name: str, value: Value) -> bool:
        self._send(("parameter", function, name), value)
        return super()._flow(function, name, value)

    def hold(self, scope: ClassScope, name: str, value: Value) -> None:
        self._send(("attribute", scope, name), value)
        super().hold(scope, name, value)

    def grow(self, state: str, value: Value) -> None:
        self._send(("state", state, ""), value)
        super().grow(state, value)

    def _once(self, find: Callable[[], T]) -> T:
        """Find out what is found out once: it belongs to nobody who asks for it."""
        self._statics.append(len(self._doing))
        try:
            return find()
        finally:
            self._statics.pop()

    def _bound(self, module: Module, name: str) -> Value | None:
        known: Value | None = module.values.get(name)
        if known is not None:
            self._consulted(module.origins.get(name) or {module.path})
            return known
        if self._frozen:
            self._idle_memos.append(lambda: module.values.pop(name, None))
        origins = {module.path}
        self._origins.append(origins)
        try:
            return self._once(lambda: self._binding(module, name))
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

    def decorated(self, function: Function) -> tuple[str, Value]:
        known = self._decorated.get(function)
        if known is not None:
            return known
        if self._frozen:
            self._idle_memos.append(lambda: self._decorated.pop(function, None))
        decorated = super().decorated
        return self._once(lambda: decorated(function))

    def class_binding(self, scope: ClassScope, name: str) -> tuple[str, Value]:
        memo = f"binding {name}"
        if self._frozen and memo not in scope.memo:
            self._idle_memos.append(lambda: scope.memo.pop(memo, None))
        binding = super().class_binding
        return self._once(lambda: binding(scope, name))

    def _ensure_made(self, scope: ClassScope) -> None:
        if scope.memo.get("made"):
            return
        if self._frozen:
            self._idle_memos.append(lambda: scope.memo.pop("made", None))
        ensure = super()._ensure_made
        self._once(lambda: ensure(scope))

    def load(self, path: str) -> Module | None:
        self._send(("module", path, ""), NOTHING)
        known = path in self._modules
        module = super().load(path)
        if module is None:
            return None
        if not known:
            self._taken[path] = taken_by(module)
        if self._frozen:
            if not known:
                # What only unreached functions import says nothing about what is reached.
                self._idle_modules.add(path)
                self._fresh.remove(module)
                self._forget_subclasses(module)
        elif path in self._idle_modules:
            self._idle_modules.discard(path)
            self._note_subclasses(module)
            self._fresh.append(module)
        return module

    def _forget_subclasses(self, module: Module) -> None:
        for name, scopes in self._subclasses.items():
            self._subclasses[name] = [scope for scope in scopes if scope.module is not module]

    # ------------------------------------------------------------ facts

    def facts(self, key: Key) -> Facts:
        source = self._source()
        if source is not None:
            self._asks.setdefault(source, set()).add(key)
        elif self._doing or not self._walking:
            self._outside.add(key)
        return super().facts(key)

    def _make(self, key: Key) -> Facts:
        if self._frozen:
            return self._make_idly(key)
        sent = self._sent.pop(key, None)
        asked = self._asks.pop(key, None)
        self._keys_in.setdefault(key.function.module.path, set()).add(key)
        facts = super()._make(key)
        (self._writing.add if facts.writes else self._writing.discard)(key)
        (self._abroad.add if facts.abroad else self._abroad.discard)(key)
        if sent:
            self._compare(key, sent)
        if asked:
            self._gone |= asked - self._asks.get(key, set())
        return facts

    def _make_idly(self, key: Key) -> Facts:
        asked = self._asks.pop(key, None)
        self._keys_in.setdefault(key.function.module.path, set()).add(key)
        self._idle_facts.append(key)
        facts = super()._make(key)
        if asked is not None:
            self._asks[key] = asked
        return facts

    def _compare(self, key: Key, sent: dict[Effect, Value]) -> None:
        """Note what the facts before did that those now do not."""
        now = self._sent.get(key, {})
        for effect, value in sent.items():
            after = now.get(effect)
            if after is None:
                self._senders[effect].discard(key)
            elif self._is_same(after, value):
                continue
            if after is None or join(after, value) != after or has_places(value):
                self._lost[effect] = join(self._lost.get(effect, NOTHING), value)

    def _again(self) -> bool:
        for key in self._dirty & self._looked.keys():
            del self._looked[key]
        if not self._mending:
            return super()._again()
        todo = self._take_dirty()
        for key in todo:
            before = self._facts.pop(key, None)
            after = self._make(key)
            if before is not None:
                self._follow(key, before, after)
        return bool(todo)

    def _follow(self, key: Key, before: Facts, after: Facts) -> None:
        """Pass on that a function does otherwise than it did."""
        if not self._answer_alike(before, after):
            if key in self._outside:
                raise OutdatedError
            self._dirty |= self._users.get(key, set()) - {key}
        if list(before.edges) != list(after.edges):
            self._rewired = True
            self._gone |= before.edges.keys() - after.edges.keys()
        elif not self._rewired:
            for target, line in after.edges.items():
                parent = self._parents.get(target)
                if parent is not None and parent[0] == key:
                    self._parents[target] = key, line
        for scope in before.made - after.made:
            self._lost["made", scope, ""] = NOTHING
        if not after.made <= self._instantiated:
            self._note_made(after.made - self._instantiated)

    # ------------------------------------------------------------ what is true no longer

    def _check_losses(self, before: dict[Key, Facts]) -> None:
        """Undo what nothing does any more where that is all; else everything is outdated."""
        dead: set[Key] = set()
        if self._gone:
            dead = (self._facts.keys() | before.keys()) - self._alive()
            for key in dead:
                self._bury(key, before.get(key))
        alive = {key.function for key in self._facts} if self._lost else set()
        for effect, value in self._lost.items():
            if not self._is_undone(effect, value, alive):
                raise OutdatedError

    def _is_undone(self, effect: Effect, value: Value, alive: set[Function]) -> bool:
        """Whether all is as if something had never been done."""
        kind, target, name = effect
        match kind:
            case "made":
                return target in self._made_at_import or any(
                    target in facts.made for facts in self._facts.values()
                )
            case "module":
                return bool(self._senders.get(effect))
            case "parameter":
                assert isinstance(target, Function)
                if target in alive:
                    return self._is_held(effect, value, target)
                self._parameters[target, name] = self._joined(effect, None)
                return True
            case _:
                return self._is_held(effect, value, None)

    def _alive(self) -> set[Key]:
        """What roots, and what is found out once, lead to or ask for."""
        alive = {*self._roots(), *self._outside}
        todo = list(alive)
        while todo:
            key = todo.pop()
            facts = self._facts.get(key)
            for target in (*(facts.edges if facts else ()), *self._asks.get(key, ())):
                if target not in alive:
                    alive.add(target)
                    todo.append(target)
        return alive

    def _bury(self, key: Key, before: Facts | None) -> None:
        facts = self._facts.pop(key, before)
        for effect, value in self._sent.pop(key, {}).items():
            self._senders[effect].discard(key)
            self._lost[effect] = join(self._lost.get(effect, NOTHING), value)
        if facts is not None:
            for scope in facts.made:
                self._lost["made", scope, ""] = NOTHING
        self._asks.pop(key, None)
        self._writing.discard(key)
        self._abroad.discard(key)
        self._keys.get(key.function, set()).discard(key)

    def _is_held(self, effect: Effect, lost: Value, function: Function | None) -> bool:
        """Whether others do what one does no longer; what a function gives itself is no help."""
        held = self._joined(effect, function)
        return join(held, lost) == held and not has_places(lost)

    def _answer_alike(self, before: Facts, after: Facts) -> bool:
        """Whether those who call a function learn what they did, at the places where it is."""
        return (
            self._is_same(before.returns, after.returns)
            and self._is_same(before.yields, after.yields)
            and before.continues == after.continues
            and before.mutates == after.mutates
            and before.orders == after.orders
        )

    def _is_same(self, one: Value, other: Value) -> bool:
        """Whether two values are equal, and surely made at the same places."""
        if one != other:
            return False
        places = list(_places(one))
        return places == list(_places(other)) and not (places and self._renamed)

    def _joined(self, effect: Effect, function: Function | None) -> Value:
        held: Value = NOTHING
        for sender in self._senders.get(effect, ()):
            if sender is None or sender.function is not function:
                held = join(held, self._sent[sender][effect])
        return held


def has_places(value: Value) -> bool:
    """Whether a value says where it, or a part of it, was made; equal ones may say otherwise."""
    return any(True for _ in _places(value))


def _places(value: Value) -> Iterator[Place | Iterated]:
    """Where a value and its parts were made, and got their order."""
    parts: Iterable[Value] = ()
    match value:
        case Instance(_, parts, disorder):
            if disorder is not None:
                yield disorder
        case Pend(_, _, gives):
            if value.made is not None:
                yield value.made
            parts = (gives,)
        case Union(members):
            parts = members
        case Func(_, closure):
            parts = (held for _, held in closure)
        case Bound(func, receiver):
            parts = (func, receiver)
        case Partial(of, given, keywords):
            parts = (of, *given, *(held for _, held in keywords))
        case Definition(_, _, target):
            parts = (target,)
        case Member(of):
            parts = (of,)
        case _:
            pass
    for part in parts:
        yield from _places(part)


def taken_by(module: Module) -> dict[str, list[ImportFrom]]:
    """What a file imports from others, by the names that it has there."""
    taken: dict[str, list[ImportFrom]] = {}
    for entries in module.bindings.values():
        for binding in entries:
            if type(binding) is ImportFrom:
                taken.setdefault(binding.name, []).append(binding)
    return taken
