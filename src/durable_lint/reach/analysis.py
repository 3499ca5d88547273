"""What roots reach is found by following edges from them; nothing else is reported.

Facts about a function are made on demand and kept. When what a function is given, or what an
attribute holds, turns out to be more than was known, the facts that hang on it are made again,
until nothing grows any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from durable_lint.model import Finding, Span, Step
from durable_lint.reach.depth import deep
from durable_lint.reach.facts import Facts, Judged, Key, Touch, Unresolved
from durable_lint.reach.knowledge import Options
from durable_lint.reach.observations import Observation, StateRead, StateWrite
from durable_lint.reach.places import Place
from durable_lint.reach.registrations import Registrations
from durable_lint.reach.roots import Roots, RootSet
from durable_lint.source import SourceError

__all__ = ["Analysis", "Options", "Result", "spot_of"]

# How often it is followed what roots reach, until nothing grows any more.
ROUNDS: Final = 8

# Who reaches a function first, and on which line; None of roots.
Parents = dict[Key, tuple[Key, int] | None]


@attrs.frozen
class Result:
    """What was found.

    findings: in the order of path and line. reached: the files that were looked into.
    """

    findings: list[Finding]
    reached: set[str]
    unresolved: list[Unresolved]
    errors: list[SourceError]


class Analysis(Registrations):
    """One project, as far as it has been looked at."""

    def run(self, candidates: Sequence[str]) -> Result:
        """Analyse from the roots in these files."""
        with deep():
            try:
                return self._run(candidates)
            finally:
                self._frozen = False

    def _run(self, candidates: Sequence[str]) -> Result:
        roots = Roots(self).find(candidates)
        parents: Parents = {}
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

    def _reach(self, roots: Iterable[Key]) -> Parents:
        """All that roots reach, those that are near first."""
        parents: Parents = {}
        queue: deque[Key] = deque()
        known = self._facts
        for root in roots:
            if root not in parents:
                parents[root] = None
                queue.append(root)
        while queue:
            key = queue.popleft()
            facts = known.get(key) or self.facts(key)
            for target, line in list(facts.edges.items()):
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

    def _note_instantiated(self, parents: Parents) -> None:
        """Objects of further classes are made: calls that may mean their methods are read again."""
        made = self._made_at_import.union(*(self._facts[key].made for key in parents))
        self._note_made(made - self._instantiated)

    def _result(self, parents: Parents, roots: RootSet) -> Result:
        found: dict[tuple[str, Span, str], Finding] = {}
        unresolved: dict[tuple[str, Span], Unresolved] = {}
        self._states_touched(parents)
        self.claim_states()
        for key in parents:
            facts = self._facts[key]
            for judged in facts.findings.values():
                place = (judged.seen.place.path, judged.seen.span, judged.code)
                if place not in found:
                    found[place] = self._finding(judged, key, parents, roots.keys)
            for call in facts.unresolved:
                unresolved.setdefault((call.path, call.span), call)
        for key in roots.looked_at:
            if key in parents:
                continue
            for judged in self._looked[key].findings.values():
                if judged.everywhere:
                    place = (judged.seen.place.path, judged.seen.span, judged.code)
                    found.setdefault(place, self._finding(judged, key, {}, {}))
        for finding in roots.findings:
            found.setdefault((finding.path, finding.span, finding.code), finding)
        findings = sorted(found.values(), key=lambda f: (f.path, f.span, f.code))
        reached = {path for path, module in self._modules.items() if module is not None}
        return Result(findings, reached, list(unresolved.values()), list(self.errors.values()))

    def _finding(
        self, judged: Judged, key: Key, parents: Parents, dialects: Mapping[Key, str]
    ) -> Finding:
        """What is said of what was judged in a function. dialects: of the roots."""
        place = judged.seen.place
        key = self._holder_of(place, key, parents)
        # A helper does not say whose it is: what mends it is that of the orchestrator above it.
        root = _root_of(key, parents)
        dialect = dialects.get(root) or self.dialect_of(root.function.module)
        if dialect != judged.seen.dialect:
            judged = self.judge(attrs.evolve(judged.seen, dialect=dialect)) or judged
        return Finding(
            path=place.path,
            span=place.span,
            code=judged.code,
            category=judged.category,
            message=judged.verdict.message,
            function=place.qualname,
            subject=judged.verdict.subject,
            via=self._via(key, parents),
            fixable=judged.verdict.fixable,
        )

    def _holder_of(self, place: Place, key: Key, parents: Parents) -> Key:
        """Who is reached with the function that holds a place, first of all: mostly the one read.

        What stands outside of any function is reached by whoever uses it.
        """
        if place.function is key.function or place.function is None:
            return key
        return next((held for held in parents if held.function is place.function), key)

    def _via(self, key: Key, parents: Parents) -> tuple[Step, ...]:
        """The calls that lead from a root to a function."""
        steps: list[Step] = []
        parent = parents.get(key)
        while parent is not None:
            above, line = parent
            steps.append(Step(above.function.module.path, line, above.function.qualname))
            parent = parents.get(above)
        return tuple(reversed(steps))

    def claim_states(self) -> None:
        """Note which files read and change which states."""
        for facts in (*self._facts.values(), *self._looked.values()):
            for touch in (*facts.reads, *facts.writes):
                self.links.claim(touch.state, touch.place.path)

    def _states_touched(self, parents: Parents) -> None:
        """State that reached code changes: each change and each read is an observation."""
        writers: dict[str, tuple[str, int]] = {}
        places: set[tuple[str, int, str]] = set()
        for key in parents:
            for touch in self._facts[key].writes:
                writers.setdefault(touch.state, (touch.place.path, touch.place.span.line))
                places.add(spot_of(touch))
        if not writers:
            return
        for key in parents:
            facts = self._facts[key]
            dialect = self.dialect_of(key.function.module)
            for touch in facts.writes:
                self._judge_state(
                    facts,
                    StateWrite(
                        place=touch.place, dialect=dialect, state=touch.state, way=touch.way
                    ),
                )
            for touch in facts.reads:
                writer = writers.get(touch.state)
                if writer is not None and spot_of(touch) not in places:
                    where = f"{writer[0]}:{writer[1]}"
                    self._judge_state(
                        facts,
                        StateRead(
                            place=touch.place, dialect=dialect, state=touch.state, writer=where
                        ),
                    )

    def _judge_state(self, facts: Facts, seen: Observation) -> None:
        judged = self.judge(seen)
        if judged is not None:
            facts.findings.setdefault((seen.place, judged.code), judged)


def spot_of(touch: Touch) -> tuple[str, int, str]:
    """The line that a state is touched on: what is read to be written is reported once."""
    return touch.place.path, touch.place.span.line, touch.state


def _root_of(key: Key, parents: Parents) -> Key:
    """Where the chain of calls begins that leads to a function."""
    while (above := parents.get(key)) is not None:
        key = above[0]
    return key
