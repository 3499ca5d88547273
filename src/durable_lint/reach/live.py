"""An analysis that goes along while files are edited, and says what a new one would say.

Invariant: after `settle` everything that is known is what the texts as they are now give. What a
change can only add to is added. As soon as something that was known might be true no longer - a
value that nobody passes any more, a class whose body differs - everything is found out anew.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from durable_lint.discover.modules import Modules
from durable_lint.model import Finding, Span
from durable_lint.reach.analysis import RECURSION, ROUNDS, Analysis
from durable_lint.reach.classes import says_nothing
from durable_lint.reach.facts import Facts, Judged, Key
from durable_lint.reach.knowledge import Judge, Options, Typist
from durable_lint.reach.observations import Observation, StateRead, StateWrite
from durable_lint.reach.parts import closed
from durable_lint.reach.readings import OFTENEST
from durable_lint.reach.roots import Roots, functions_of, receiver_of
from durable_lint.reach.scopes import (
    Assigned,
    ClassScope,
    Function,
    Import,
    ImportFrom,
    Module,
    collect,
)
from durable_lint.reach.splice import Spliced, spliced
from durable_lint.reach.values import (
    NOTHING,
    Bound,
    Definition,
    External,
    Func,
    Instance,
    Marker,
    Member,
    Partial,
    Pend,
    Union,
    Value,
    join,
)
from durable_lint.source import Source, SourceError
from durable_lint.vocabulary import Vocabulary

__all__ = ["Live"]

T = TypeVar("T")

Bindings = Import | ImportFrom | Assigned | Function | ClassScope
_Parents = dict[Key, tuple[Key, int] | None]
# What making the facts of a function did beyond them: to a parameter, an attribute, a state, a
# module that was imported.
_Effect = tuple[str, object, str]
_EVERYWHERE = "DUR133"
_WORD = re.compile(r"\w+")


class _OutdatedError(Exception):
    """What is known cannot be mended; it is to be found out anew."""


class _Provided(NamedTuple):
    """What one file holds for the roots. defined: names of definitions. named: orchestrators with
    what makes two of them the same.
    """

    module: Module
    keys: list[Key]
    findings: list[Finding]
    defined: set[str]
    named: list[tuple[Function, Definition]]


class _ModuleRoots(Roots):
    """The roots of one file. Whether two files give one name is not told from one of them."""

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(analysis)
        self.named: list[tuple[Function, Definition]] = []

    def of(self, module: Module) -> _Provided:
        self._module(module)
        return _Provided(module, list(self._keys), self._findings, self._defined, self.named)

    def _same_name(self, function: Function, made: Definition) -> None:
        self.named.append((function, made))


class _Names(Roots):
    """Judges which names are given twice."""

    def judged(self, named: Iterable[tuple[Function, Definition]]) -> list[Finding]:
        for function, made in named:
            self._same_name(function, made)
        return self._findings

    def looked_at(self, module: Module, defined: frozenset[str]) -> list[Key]:
        """The functions of a file that name one of these."""
        self._defined = set(defined)
        return [
            Key(function, receiver_of(function), ())
            for function in functions_of(module)
            if self._may_drop(function)
        ]


class Live(Analysis):
    """One project that is being edited.

    Say which file changed (`invalidate`), `settle`, then ask for `findings` of files.
    """

    def __init__(
        self,
        modules: Modules,
        sources: Callable[[str], Source],
        vocabulary: Vocabulary,
        options: Options,
        judge: Judge,
        typist: Typist | None = None,
    ) -> None:
        super().__init__(modules, sources, vocabulary, options, judge, typist)
        self._changed: set[str] = set()
        self._candidates: tuple[str, ...] = ()
        self._settled = False
        # Who did what; None is what is found out once and stays.
        self._sent: dict[Key | None, dict[_Effect, Value]] = {}
        self._senders: dict[_Effect, set[Key | None]] = {}
        self._asks: dict[Key, set[Key]] = {}
        self._outside: set[Key] = set()
        self._statics: list[int] = []
        self._keys_in: dict[str, set[Key]] = {}
        # What each file imports, by the names that it has where it comes from.
        self._taken: dict[str, dict[str, list[ImportFrom]]] = {}
        # What came about while unreached functions were looked at, and goes again.
        self._idle_modules: set[str] = set()
        self._idle_facts: list[Key] = []
        self._idle_memos: list[Callable[[], object]] = []
        # While a change is followed.
        self._mending = self._walking = self._rewired = False
        self._lost: dict[_Effect, Value] = {}
        self._gone: set[Key] = set()
        # What is asked for in the end.
        self._provided: dict[str, _Provided] = {}
        self._defined: frozenset[str] = frozenset()
        self._looked_at: dict[str, list[Key]] = {}
        self._named_twice: list[Finding] = []
        self._parents: _Parents = {}
        self._order: dict[Key, int] = {}
        self._writing: set[Key] = set()
        self._writers: dict[str, tuple[str, int]] = {}
        self._written: set[tuple[str, int, str]] = set()

    # ------------------------------------------------------------ who does what

    def _source(self) -> Key | None:
        """Whose facts are being made; None while something is found out that stays."""
        doing = self._doing
        if not doing or (self._statics and self._statics[-1] == len(doing)):
            return None
        return doing[-1]

    def _send(self, effect: _Effect, value: Value) -> None:
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
        if self._frozen and name not in module.values:
            self._idle_memos.append(lambda: module.values.pop(name, None))
        bound = super()._bound
        return self._once(lambda: bound(module, name))

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
            self._taken[path] = _taken_by(module)
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

    def _compare(self, key: Key, sent: dict[_Effect, Value]) -> None:
        """Note what the facts before did that those now do not."""
        now = self._sent.get(key, {})
        for effect, value in sent.items():
            after = now.get(effect)
            if after is None:
                self._senders[effect].discard(key)
            elif after == value and not _has_places(value):
                continue
            if after is None or join(after, value) != after or _has_places(value):
                self._lost[effect] = join(self._lost.get(effect, NOTHING), value)

    def _again(self) -> bool:
        for key in self._dirty & self._looked.keys():
            del self._looked[key]
        if not self._mending:
            return super()._again()
        todo = sorted(
            (k for k in self._dirty if self._times.get(k, 0) < OFTENEST and k in self._facts),
            key=self._places.__getitem__,
            reverse=True,
        )
        self._dirty.clear()
        for key in todo:
            before = self._facts.pop(key, None)
            after = self._make(key)
            if before is not None:
                self._follow(key, before, after)
        return bool(todo)

    def _follow(self, key: Key, before: Facts, after: Facts) -> None:
        """Pass on that a function does otherwise than it did."""
        if not _answer_alike(before, after):
            if key in self._outside:
                raise _OutdatedError
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

    # ------------------------------------------------------------ going along

    def invalidate(self, path: str) -> None:
        """A file is another one now."""
        self._changed.add(path)

    @property
    def reached(self) -> set[str]:
        """The files that were looked into."""
        return {path for path, module in self._modules.items() if module is not None}

    def settle(self, candidates: Sequence[str]) -> None:
        """Find out what the changes mean. candidates: the files that may hold roots."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, RECURSION))
        try:
            if not (self._settled and self._mended(tuple(candidates))):
                self._restart(tuple(candidates))
        finally:
            self._frozen = self._mending = self._walking = False
            sys.setrecursionlimit(limit)

    def _restart(self, candidates: tuple[str, ...]) -> None:
        """From nothing, but for the trees that sources keep."""
        Live.__init__(
            self,
            self.finder,
            self.sources,
            self.vocabulary,
            self.options,
            self.judge,
            self.typist,
        )
        self._candidates = candidates
        for path in candidates:
            self.load(path)
        for path in candidates:
            self._provide(path)
        self._find_looked_at(candidates)
        for _ in range(ROUNDS):
            self._parents = self._walk()
            fresh = self._import_fresh()
            self._note_instantiated(self._parents)
            if not self._again() and not fresh:
                break
        self._finish()
        self._settled = True

    def _mended(self, candidates: tuple[str, ...]) -> bool:
        """Go on from what is known; False when that cannot be."""
        if not set(self._candidates) <= set(candidates):
            return False
        self._mending = True
        try:
            self._mend(candidates)
        except _OutdatedError:
            return False
        finally:
            self._mending = False
        return True

    def _mend(self, candidates: tuple[str, ...]) -> None:
        self._rewired = False
        self._lost, self._gone, self._times = {}, set(), {}
        before: dict[Key, Facts] = {}
        again: list[str] = []
        moved = self._follow_imports_again()
        for path in sorted(self._changed):
            stale = self._taken_over(path)
            if stale is None:
                continue
            again.append(path)
            for key in stale:
                self._looked.pop(key, None)
                facts = self._facts.pop(key, None)
                if facts is not None:
                    before[key] = facts
        self._changed.clear()
        if not again and not moved and candidates == self._candidates:
            return
        self._provide_again(again, candidates)
        self._make_again(before)
        for _ in range(ROUNDS):
            if self._rewired:
                self._parents = self._walk()
            fresh = self._import_fresh()
            if not self._again() and not fresh:
                break
        self._check_losses(before)
        self._finish()

    def _follow_imports_again(self) -> bool:
        """Whether other files are imported than before, or do something when they are."""
        others = [path for path in self._changed if self.imports.is_another(path)]
        if not others:
            return False
        before = self._acting()
        targets = {path: self.imports.targets[path] for path in others}
        for path in others:
            self.imports.forget(path)
        for path in others:
            self.imports.follow(path)
        lost = [
            target
            for path in others
            for target in set(targets[path]) - set(self.imports.targets[path])
        ]
        below = closed(lost, self.imports.targets)
        if not before <= self._acting() or any(path in below for _, path in before):
            raise _OutdatedError
        return True

    def _walk(self) -> _Parents:
        roots = dict.fromkeys(key for one in self._provided.values() for key in one.keys)
        self._walking = True
        try:
            return self._reach(list(roots))
        finally:
            self._walking = False

    def _make_again(self, before: dict[Key, Facts]) -> None:
        """Make facts again where those who are not made again lead to them, and from there on."""
        roots = {key for one in self._provided.values() for key in one.keys}
        queue = deque(
            sorted(
                (key for key in before if self._is_wanted(key, before, roots)),
                key=self._places.__getitem__,
            )
        )
        self._walking = True
        done: set[Key] = set()
        while queue:
            key = queue.popleft()
            if key in done:
                continue
            done.add(key)
            facts = self.facts(key)
            wanted = (*facts.edges, *self._asks.get(key, ()))
            queue.extend(target for target in wanted if target in before and target not in done)
        self._walking = False
        for key, old in before.items():
            new = self._facts.get(key)
            if new is None:
                # Nothing leads to it any more; what it did is undone.
                self._rewired = True
                self._gone.add(key)
            else:
                self._follow(key, old, new)

    def _is_wanted(self, key: Key, before: dict[Key, Facts], roots: set[Key]) -> bool:
        if key in roots or key in self._outside:
            return True
        parent = self._parents.get(key)
        if parent is not None and parent[0] not in before:
            return True
        return any(
            user not in before and user in self._facts and key in self._asks.get(user, ())
            for user in self._users.get(key, ())
        )

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
                raise _OutdatedError

    def _is_undone(self, effect: _Effect, value: Value, alive: set[Function]) -> bool:
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
        alive = {key for one in self._provided.values() for key in one.keys} | self._outside
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
        self._keys.get(key.function, set()).discard(key)

    def _is_held(self, effect: _Effect, lost: Value, function: Function | None) -> bool:
        """Whether others do what one does no longer; what a function gives itself is no help."""
        held = self._joined(effect, function)
        return join(held, lost) == held and not _has_places(lost)

    def _joined(self, effect: _Effect, function: Function | None) -> Value:
        held: Value = NOTHING
        for sender in self._senders.get(effect, ()):
            if sender is None or sender.function is not function:
                held = join(held, self._sent[sender][effect])
        return held

    # ------------------------------------------------------------ a text in the place of another

    def _taken_over(self, path: str) -> set[Key] | None:
        """Go over to a changed text; the keys whose facts that makes stale, None when none are."""
        module = self._modules.get(path)
        if module is None:
            if path in self._modules:  # what could not be read before may be read now
                raise _OutdatedError
            return None
        try:
            source = self.sources(path)
            tree = source.tree
        except SourceError:
            raise _OutdatedError from None
        if source is module.source:
            return None
        if (
            path in self._idle_modules
            or self._dialect_of(source.data) != self.dialect_of(module)
            or self._names_hold_places(module)
        ):
            raise _OutdatedError
        return self._put_in(module, source, tree)

    def _put_in(self, module: Module, source: Source, tree: ast.Module) -> set[Key]:
        known = self._keys_in.get(module.path, set())
        ends = {key: getattr(key.function.node, "end_lineno", None) for key in known}
        shapes = _shapes(module)
        change = spliced(module.tree, tree, module.source.lines, source.lines)
        if change is None:
            raise _OutdatedError
        module.source = source
        for function in (*(key.function for key in known), *functions_of(module)):
            function._scan = None  # its node says something else now
        for scope in _classes_of(module.bindings):
            self._build_again(scope)
        names = self._rebind(module, change) if change.added or change.removed else set()
        if any(shapes.get(function, shape) != shape for function, shape in _shapes(module).items()):
            raise _OutdatedError
        stale = {key for key, end in ends.items() if end is None or end >= change.line}
        if names:
            stale |= known | self._consultants.get(module.path, set())
        return stale

    def _names_hold_places(self, module: Module) -> bool:
        """Whether what names of a module hold says where it was made: that may be elsewhere now."""
        return any(_has_places(value) for value in module.values.values()) or any(
            _has_places(held[1])
            for scope in _classes_of(module.bindings)
            for name, held in scope.memo.items()
            if name.startswith("binding ") and isinstance(held, tuple)
        )

    def _build_again(self, scope: ClassScope) -> None:
        """What stands for the fields of a data class was copied from the text before."""
        made = scope.memo.get("construction")
        if isinstance(made, Function):
            scope.memo.pop("construction")
            again = self.field_calls(scope)
            if again is None:
                raise _OutdatedError
            made.node, made._scan = again.node, None
            scope.memo["construction"] = made

    def _rebind(self, module: Module, change: Spliced) -> set[str]:
        """Imports and functions came or went: bind names, and say which mean something else."""
        bindings: dict[str, list[Bindings]] = {}
        stars: list[ImportFrom] = []
        collect(module.tree.body, bindings, stars, module, None, None)
        kept = {
            id(entry.node): entry
            for entries in module.bindings.values()
            for entry in entries
            if isinstance(entry, Function | ClassScope)
        }
        for entries in bindings.values():
            for place, entry in enumerate(entries):
                if isinstance(entry, Function | ClassScope):
                    entries[place] = kept.get(id(entry.node), entry)
        if [_spelt(star) for star in stars] != [_spelt(star) for star in module.stars]:
            raise _OutdatedError
        names = {
            name
            for name in bindings.keys() | module.bindings.keys()
            if list(map(_spelt, bindings.get(name, ())))
            != list(map(_spelt, module.bindings.get(name, ())))
        }
        if names:
            self._check_names(module, names, change)
        module.bindings = bindings
        self._taken[module.path] = _taken_by(module)
        for name in names:
            module.values.pop(name, None)
            module.origins.pop(name, None)
            self._states.pop((module.path, name), None)
        self._bind_now(module, names)
        return names

    def _check_names(self, module: Module, names: set[str], change: Spliced) -> None:
        """Nobody but the functions of a file may know the names that came and went in it."""
        used = {word for node in module.tree.body for word in _outer_words(node)}
        if not names.isdisjoint(used):
            raise _OutdatedError
        self._check_known(module, names, {module.path})
        if any(type(each) is Assigned for name in names for each in module.bindings.get(name, ())):
            self._check_derived(module)
        for name in names:
            for binding in module.bindings.get(name, ()):
                self._check_removed(module, binding)

    def _check_known(self, module: Module, names: set[str], seen: set[str]) -> None:
        """No other file takes these names from a file, be it through others."""
        for other in self._modules.values():
            if other is None or other is module:
                continue
            taken = self._taken[other.path]
            wanted = [binding for name in names for binding in taken.get(name, ())]
            if any(self._file_of(other, each) == module.path for each in wanted):
                raise _OutdatedError
            if other.path not in seen and any(
                self._file_of(other, star) == module.path for star in other.stars
            ):
                # It has them too, and might have looked for them in vain.
                if any(name.encode() in other.source.data for name in names):
                    raise _OutdatedError
                seen.add(other.path)
                self._check_known(other, names, seen)

    def _check_derived(self, module: Module) -> None:
        """A constant that is another one may have gone into what names elsewhere hold."""
        for other in self._modules.values():
            if other is not None and other is not module:
                for name, origins in other.origins.items():
                    if module.path in origins and any(
                        type(each) is Assigned for each in other.bindings.get(name, ())
                    ):
                        raise _OutdatedError

    def _check_removed(self, module: Module, binding: Bindings) -> None:
        match binding:
            case Import() | ImportFrom():
                if self._is_of_project(module, binding):
                    raise _OutdatedError
            case Function() if binding.decorators:
                for decorator in binding.decorators:
                    value = self.evaluate_quietly(decorator, module)
                    if not isinstance(value, External | Marker):
                        raise _OutdatedError
            case _:
                pass
        if any(key.function is binding for key in self._outside):
            raise _OutdatedError

    def _file_of(self, module: Module, binding: ImportFrom) -> str | None:
        """The file that `from` names."""
        if binding.level:
            return self.finder.resolve_relative(module.path, binding.level, binding.dotted)
        return self.finder.find(module.path, binding.dotted)

    def _is_of_project(self, module: Module, binding: Import | ImportFrom) -> bool:
        """Whether an import may have looked into a file of the project."""
        if isinstance(binding, ImportFrom) and binding.level:
            return True
        top = binding.dotted.partition(".")[0]
        return top not in sys.stdlib_module_names and (
            self.finder.find(module.path, binding.dotted) is not None
            or self.finder.find(module.path, top) is not None
            or self.finder.is_namespace(module.path, top)
        )

    def _bind_now(self, module: Module, names: set[str]) -> None:
        """Do what importing does with these names."""
        for name in names:
            for binding in module.bindings.get(name, ()):
                if isinstance(binding, Import | ImportFrom):
                    self.imported(module, binding)
                elif isinstance(binding, Function) and binding.decorators:
                    self._bound(module, name)

    # ------------------------------------------------------------ roots

    def _provide(self, path: str) -> None:
        module = self.load(path)
        if module is not None:
            self._provided[path] = _ModuleRoots(self).of(module)

    def _provide_again(self, again: Sequence[str], candidates: tuple[str, ...]) -> None:
        known = set(self._candidates)
        new = [path for path in candidates if path not in known]
        for path in (*(path for path in again if path in self._provided), *new):
            before = self._provided.get(path)
            self._provide(path)
            now = self._provided.get(path)
            if now is not None and (before is None or before.keys != now.keys):
                self._rewired = True
                self._gone |= set(before.keys if before else ()) - set(now.keys)
        if new:
            self._provided = {
                path: self._provided[path] for path in candidates if path in self._provided
            }
        self._candidates = candidates
        self._find_looked_at((*again, *new))

    def _find_looked_at(self, paths: Iterable[str]) -> None:
        """The functions whose calls of what is defined anywhere are to be awaited."""
        defined = frozenset().union(*(one.defined for one in self._provided.values()))
        if defined != self._defined:
            paths = self._provided
        self._defined = defined
        judge = _Names(self)
        for path in paths:
            if path in self._provided:
                self._looked_at[path] = judge.looked_at(self._provided[path].module, defined)

    # ------------------------------------------------------------ what is asked for in the end

    def _finish(self) -> None:
        self._order = {key: place for place, key in enumerate(self._parents)}
        self._look_at(
            key
            for path in self._provided
            for key in self._looked_at[path]
            if key not in self._parents
        )
        self._frozen = False
        self._forget_idle()
        self._named_twice = self._judge_names()
        self._note_writers()

    def _forget_idle(self) -> None:
        """What looking at unreached functions left behind."""
        for key in self._idle_facts:
            if key not in self._parents and key not in self._sent:
                self._facts.pop(key, None)
        for forget in self._idle_memos:
            forget()
        self._idle_facts, self._idle_memos = [], []

    def _judge_names(self) -> list[Finding]:
        """Of orchestrators with one name in one directory, the second and later ones."""
        groups: dict[tuple[str, str], list[tuple[Function, Definition]]] = {}
        for path, one in self._provided.items():
            top = path.rpartition("/")[0]
            for function, made in one.named:
                groups.setdefault((top, made.name), []).append((function, made))
        return [
            finding
            for group in groups.values()
            if len(group) > 1
            for finding in _Names(self).judged(group)
        ]

    def _note_writers(self) -> None:
        self._writers, self._written = {}, set()
        reached = [key for key in self._writing if key in self._order]
        for key in sorted(reached, key=self._order.__getitem__):
            path = key.function.module.path
            for touch in self._facts[key].writes:
                self._writers.setdefault(touch.state, (path, touch.span.line))
                self._written.add((path, touch.span.line, touch.state))

    def findings(self, path: str) -> list[Finding]:
        """What is found in one file, in the order of its lines."""
        found: dict[tuple[Span, str], Finding] = {}
        keys = [key for key in self._keys_in.get(path, ()) if key in self._order]
        for key in sorted(keys, key=self._order.__getitem__):
            for judged in self._judged(key):
                place = (judged.span, judged.code)
                if place not in found:
                    found[place] = self._finding(judged, key, self._via(key, self._parents))
        provided = self._provided.get(path)
        for key in self._looked_at.get(path, ()) if provided else ():
            if key not in self._parents:
                for judged in self._looked[key].findings.values():
                    if judged.code == _EVERYWHERE:
                        place = (judged.span, judged.code)
                        found.setdefault(place, self._finding(judged, key, ()))
        for finding in (*(provided.findings if provided else ()), *self._named_twice):
            if finding.path == path:
                found.setdefault((finding.span, finding.code), finding)
        return sorted(found.values(), key=lambda each: (each.span, each.code))

    def _judged(self, key: Key) -> Iterator[Judged]:
        """What is wrong in a function, then what it does to states that reached code changes."""
        facts = self._facts[key]
        yield from facts.findings.values()
        path = key.function.module.path
        dialect = self.dialect_of(key.function.module)
        seen: Observation
        for touch in facts.writes:
            seen = StateWrite(span=touch.span, dialect=dialect, state=touch.state, way=touch.way)
            yield from self._objection(seen)
        for touch in facts.reads:
            writer = self._writers.get(touch.state)
            if writer is not None and (path, touch.span.line, touch.state) not in self._written:
                where = f"{writer[0]}:{writer[1]}"
                seen = StateRead(span=touch.span, dialect=dialect, state=touch.state, writer=where)
                yield from self._objection(seen)

    def _objection(self, seen: Observation) -> Iterator[Judged]:
        judged = self.judge(seen)
        if judged is not None:
            code, category, verdict = judged
            yield Judged(code, category, verdict, seen.span)


# ---------------------------------------------------------------- what does not hang on a project


def _answer_alike(before: Facts, after: Facts) -> bool:
    """Whether those who call a function learn from it what they did, at the places where it is."""
    return (
        before.returns == after.returns
        and before.yields == after.yields
        and before.continues == after.continues
        and before.mutates == after.mutates
        and not _has_places(before.returns)
        and not _has_places(before.yields)
        and not _has_places(after.returns)
        and not _has_places(after.yields)
    )


def _has_places(value: Value) -> bool:
    """Whether a value says where it, or a part of it, was made; equal ones may say otherwise."""
    match value:
        case Instance(_, items, disorder):
            return disorder is not None or any(map(_has_places, items))
        case Pend(_, _, gives):
            return value.made is not None or _has_places(gives)
        case Union(members):
            return any(map(_has_places, members))
        case Func(_, closure):
            return any(_has_places(held) for _, held in closure)
        case Bound(func, receiver):
            return _has_places(func) or _has_places(receiver)
        case Partial(of, given, keywords):
            return _has_places(of) or any(map(_has_places, (*given, *(v for _, v in keywords))))
        case Definition(_, _, target):
            return _has_places(target)
        case Member(of):
            return _has_places(of)
        case _:
            return False


def _taken_by(module: Module) -> dict[str, list[ImportFrom]]:
    taken: dict[str, list[ImportFrom]] = {}
    for entries in module.bindings.values():
        for binding in entries:
            if type(binding) is ImportFrom:
                taken.setdefault(binding.name, []).append(binding)
    return taken


def _classes_of(bindings: Mapping[str, Sequence[Bindings]]) -> Iterator[ClassScope]:
    for entries in bindings.values():
        for entry in entries:
            if type(entry) is ClassScope:
                yield entry
                yield from _classes_of(entry.bindings)


def _shapes(module: Module) -> dict[Function, tuple[bool, bool]]:
    """What is told of functions from their bodies without reading them."""
    return {
        function: (function.scan.is_generator, says_nothing(function))
        for function in functions_of(module)
    }


def _spelt(binding: Bindings) -> tuple[object, ...]:
    """What makes two bindings the same."""
    match binding:
        case Import(dotted=dotted):
            return "import", dotted
        case ImportFrom(dotted=dotted, level=level, name=name):
            return "from", dotted, level, name
        case Assigned(node=node, path=path):
            return "assigned", id(node), path
        case _:
            return "made", id(binding.node)


def _outer_words(node: ast.stmt) -> Iterator[str]:
    """The names that are looked up when a module is imported: all but those in bodies."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*node.decorator_list, node.args]
        for part in [*parts, node.returns] if node.returns else parts:
            yield from _words(part)
    elif isinstance(node, ast.ClassDef):
        for head in (*node.decorator_list, *node.bases, *node.keywords):
            yield from _words(head)
        for statement in node.body:
            yield from _outer_words(statement)
    else:
        yield from _words(node)


def _words(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from _WORD.findall(part.value)  # an annotation in quotes
