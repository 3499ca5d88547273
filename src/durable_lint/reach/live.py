"""An analysis that goes along while files are edited, and says what a new one would say.

Invariant: after `settle` everything that is known is what the texts as they are now give. What a
change can only add to is added. As soon as something that was known might be true no longer - a
value that nobody passes any more, a class whose body differs - everything is found out anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from durable_lint.model import Finding, Span
from durable_lint.reach.analysis import ROUNDS, Parents, spot_of
from durable_lint.reach.depth import deep
from durable_lint.reach.effects import OutdatedError
from durable_lint.reach.facts import Facts, Judged, Key
from durable_lint.reach.observations import Observation, StateRead, StateWrite
from durable_lint.reach.parts import closed
from durable_lint.reach.provided import ModuleRoots, Provided, SameNames
from durable_lint.reach.scopes import Function
from durable_lint.reach.texts import Texts
from durable_lint.reach.values import Definition

__all__ = ["Live"]


class Live(Texts):
    """One project that is being edited.

    Say which file changed (`invalidate`), `settle`, then ask for `findings` of files.
    """

    def _start(self) -> None:
        super()._start()
        self._changed: set[str] = set()
        self._candidates: tuple[str, ...] = ()
        self._settled = False
        # What is asked for in the end.
        self._provided: dict[str, Provided] = {}
        self._defined: frozenset[str] = frozenset()
        self._looked_at: dict[str, list[Key]] = {}
        self._looked_abroad: list[Key] = []
        self._named_twice: list[Finding] = []
        self._dialects: dict[Key, str] = {}
        self._order: dict[Key, int] = {}
        self._writers: dict[str, tuple[str, int]] = {}
        self._written: set[tuple[str, int, str]] = set()

    def _roots(self) -> Iterator[Key]:
        for one in self._provided.values():
            yield from one.keys

    def invalidate(self, path: str) -> None:
        """A file is another one now."""
        self._changed.add(path)

    @property
    def reached(self) -> set[str]:
        """The files that were looked into."""
        return {path for path, module in self._modules.items() if module is not None}

    def settle(self, candidates: Sequence[str]) -> None:
        """Find out what the changes mean. candidates: the files that may hold roots."""
        with deep():
            try:
                if not (self._settled and self._mended(tuple(candidates))):
                    self._restart(tuple(candidates))
            finally:
                self._frozen = self._mending = self._walking = False

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
        except OutdatedError:
            return False
        finally:
            self._mending = False
        return True

    def _mend(self, candidates: tuple[str, ...]) -> None:
        self._rewired = self._renamed = False
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
            raise OutdatedError
        return True

    def _walk(self) -> Parents:
        self._dialects = {}
        for one in self._provided.values():
            for key, dialect in one.keys.items():
                self._dialects.setdefault(key, dialect)
        self._walking = True
        try:
            return self._reach(self._dialects)
        finally:
            self._walking = False

    def _make_again(self, before: dict[Key, Facts]) -> None:
        """Make facts again where those who are not made again lead to them, and from there on."""
        roots = set(self._roots())
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

    # ------------------------------------------------------------ roots

    def _provide(self, path: str) -> None:
        module = self.load(path)
        if module is not None:
            self._provided[path] = ModuleRoots(self).of(module)

    def _provide_again(self, again: Sequence[str], candidates: tuple[str, ...]) -> None:
        known = set(self._candidates)
        new = [path for path in candidates if path not in known]
        for path in (*(path for path in again if path in self._provided), *new):
            before = self._provided.get(path)
            self._provide(path)
            now = self._provided.get(path)
            if now is not None and (
                before is None or list(before.keys.items()) != list(now.keys.items())
            ):
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
        judge = SameNames(self)
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
        self._looked_abroad = [
            key
            for path in self._provided
            for key in self._looked_at[path]
            if key not in self._parents and self._looked[key].abroad
        ]
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
            for finding in SameNames(self).judged(group)
        ]

    def _note_writers(self) -> None:
        self._writers, self._written = {}, set()
        reached = [key for key in self._writing if key in self._order]
        for key in sorted(reached, key=self._order.__getitem__):
            for touch in self._facts[key].writes:
                place = touch.place
                self._writers.setdefault(touch.state, (place.path, place.span.line))
                self._written.add(spot_of(touch))

    def findings(self, path: str) -> list[Finding]:
        """What is found in one file, in the order of its lines."""
        found: dict[tuple[Span, str], Finding] = {}
        read = self._keys_in.get(path, set()) | self._abroad
        keys = [key for key in read if key in self._order]
        for key in sorted(keys, key=self._order.__getitem__):
            for judged in self._judged(key):
                place = (judged.seen.span, judged.code)
                if judged.seen.place.path == path and place not in found:
                    found[place] = self._finding(judged, key, self._parents, self._dialects)
        provided = self._provided.get(path)
        looked = self._looked_at.get(path, ()) if provided else ()
        for key in (*looked, *self._looked_abroad):
            if key not in self._parents:
                for judged in self._looked[key].findings.values():
                    if judged.everywhere and judged.seen.place.path == path:
                        place = (judged.seen.span, judged.code)
                        found.setdefault(place, self._finding(judged, key, {}, {}))
        for finding in (*(provided.findings if provided else ()), *self._named_twice):
            if finding.path == path:
                found.setdefault((finding.span, finding.code), finding)
        return sorted(found.values(), key=lambda each: (each.span, each.code))

    def _judged(self, key: Key) -> Iterator[Judged]:
        """What is wrong in a function, then what it does to states that reached code changes."""
        facts = self._facts[key]
        yield from facts.findings.values()
        dialect = self.dialect_of(key.function.module)
        seen: Observation
        for touch in facts.writes:
            seen = StateWrite(place=touch.place, dialect=dialect, state=touch.state, way=touch.way)
            yield from self._objection(seen)
        for touch in facts.reads:
            writer = self._writers.get(touch.state)
            if writer is not None and spot_of(touch) not in self._written:
                where = f"{writer[0]}:{writer[1]}"
                seen = StateRead(
                    place=touch.place, dialect=dialect, state=touch.state, writer=where
                )
                yield from self._objection(seen)

    def _objection(self, seen: Observation) -> Iterator[Judged]:
        judged = self.judge(seen)
        if judged is not None:
            yield judged
