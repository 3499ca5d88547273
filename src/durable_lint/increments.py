"""What a change of some files changes in what was found, without asking the rest again.

Invariant: what comes out is what a run from nothing gives. A project falls into groups of files of
which each was decided by itself (`reach.parts`), so only groups with a changed file are analysed
again - and those that the changed ones look into now, or that lose or gain an importer: until no
more come up. Where that is not sure - packages came or went, something was cut short - there is no
answer, and everything is to be analysed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from durable_lint.discover.files import Stamp
from durable_lint.discover.modules import Modules
from durable_lint.model import Finding, Unresolved
from durable_lint.reach.imported import Imported
from durable_lint.reach.links import Links
from durable_lint.reach.part import Part
from durable_lint.reach.parts import Parts, claims_of, closed, grouped, shared
from durable_lint.source import SourceError

if TYPE_CHECKING:
    from durable_lint.discover.prefilter import Glance

__all__ = ["Before", "Increment", "Now", "increment"]

ROUNDS = 6
# Beyond this share of the candidates analysing all of them costs no more.
MOST = 0.6


class Before(NamedTuple):
    """A project as it was: its files, those that might hold roots, and how they hung together."""

    stamps: Mapping[str, Stamp]
    candidates: tuple[str, ...]
    parts: Parts


class Now(NamedTuple):
    """The project as it is. words: of dotted names that the settings hold. part: makes an analysis
    that leaves some files unread, given the names that are defined elsewhere. load: their bytes.
    """

    stamps: Mapping[str, Stamp]
    candidates: tuple[str, ...]
    glances: Mapping[str, Glance]
    modules: Modules
    words: Collection[str]
    part: Callable[[Collection[str], frozenset[str]], Part]
    load: Callable[[str, int], bytes]


class Increment(NamedTuple):
    """What was found in the files that were analysed. kept: files of which stands what was found
    before; of others nothing does. reached: all files that are looked into, kept ones too.
    """

    findings: list[Finding]
    unresolved: list[Unresolved]
    errors: list[SourceError]
    kept: frozenset[str]
    reached: frozenset[str]
    parts: Parts


def increment(before: Before, now: Now) -> Increment | None:
    """What is found now; None when that is not to be told from what was before."""
    change = _Change(before, now)
    return change.followed() if change.is_plain() else None


class _Change:
    def __init__(self, before: Before, now: Now) -> None:
        self.before = before
        self.now = now
        self.parts = before.parts
        old, new = before.stamps, now.stamps
        self.changed = {path for path, stamp in new.items() if old.get(path, stamp) != stamp}
        self.added = new.keys() - old.keys()
        self.removed = old.keys() - new.keys()
        self.group_of = {
            path: place for place, group in enumerate(self.parts.groups) for path in group
        }
        candidates = set(before.candidates)
        self.bearing = {self.group_of[path] for path in candidates if path in self.group_of}

    # ------------------------------------------------------------ what is not told

    def is_plain(self) -> bool:
        """Whether modules are found as before, but for those that came or went themselves."""
        moved = self.added | self.removed
        if not moved:
            return True
        both = self.before.stamps.keys() & self.now.stamps.keys()
        directories = {_directory(path) for path in both}
        names = {_stem(path) for path in both}
        for path in moved:
            name = _stem(path)
            if path.endswith("/__init__.py") or _directory(path) not in directories:
                return False
            if name not in names and (self.now.modules.external(name) or name in self.now.words):
                return False
        return True

    # ------------------------------------------------------------ which files it touches

    def _stale(self) -> set[str]:
        """The files that say something else now, or may mean another file by what they say."""
        known = self.group_of.keys() | self.parts.imports.keys() | set(self.now.candidates)
        stale = (self.changed & known) | (self.added & set(self.now.candidates))
        words: set[str] = set()
        for path in self.added | self.removed:
            package = f"{_directory(path)}/__init__.py"
            words.add(_stem(path))
            if package in self.now.stamps:
                stale |= {package} & known
            else:
                words.update(_directory(path).removeprefix(self.now.modules.root).split("/"))
        words.discard("")
        if words:
            mention = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
            stale.update(
                path
                for path in known
                if path in self.now.stamps and _mentions(self.now.glances[path], mention)
            )
        return stale - self.removed

    def _first_groups(self, stale: set[str], imports: Imported) -> set[int]:
        others = set(self.before.candidates) ^ set(self.now.candidates)
        found = {self.group_of[path] for path in others if path in self.group_of}
        touched = {self.group_of[path] for path in stale | self.removed if path in self.group_of}
        found |= touched
        below = self._below(self._who_import_otherwise(stale, imports) | others, imports)
        found.update(self.group_of[path] for path in self.parts.tables if path in below)
        return found

    # ------------------------------------------------------------ who imports whom

    def _imports(self, stale: set[str]) -> Imported:
        """Who imports whom now."""
        parts = self.parts
        gone = stale | self.removed
        glances = self.now.glances
        imports = Imported(self.now.modules, self._data, lambda path: glances[path].imports)
        imports.known = {
            path: targets for path, targets in parts.imports.items() if path not in gone
        }
        imports.acts = {
            path: (acts[0], acts[1]) for path, acts in parts.acts.items() if path not in gone
        }
        for path in self.now.candidates:
            if path not in parts.failed:
                imports.follow(path)
        return imports

    def _data(self, path: str) -> bytes:
        try:
            return self.now.load(path, self.now.stamps[path].size)
        except OSError:
            return b""

    def _who_import_otherwise(self, stale: set[str], imports: Imported) -> set[str]:
        """The files that import others than before, or do something now when they are imported."""
        found = set(self.removed)
        for path in stale:
            if set(imports.targets.get(path, ())) != set(self.parts.imports.get(path, ())):
                found.add(path)
            acts = self.parts.acts.get(path)
            if acts is not None:
                imports.acts[path] = now = imports.acting(path)
                if now != tuple(acts):
                    found.add(path)
        return found

    def _below(self, paths: set[str], imports: Imported) -> set[str]:
        """What these import, or imported."""
        return closed(paths, self.parts.imports) | closed(paths, imports.targets)

    # ------------------------------------------------------------ following it

    def followed(self) -> Increment | None:
        stale = self._stale()
        imports = self._imports(stale)
        groups = self._first_groups(stale, imports)
        for _ in range(ROUNDS):
            step = _Step(self, stale, groups, imports)
            if len(step.start) > MOST * max(len(self.now.candidates), 8):
                return None
            found = step.taken()
            if found is None or isinstance(found, Increment):
                return found
            groups |= found
        return None


class _Step:
    """An analysis of some groups, and what it says of the others."""

    def __init__(
        self, change: _Change, stale: set[str], groups: set[int], imports: Imported
    ) -> None:
        self.change = change
        self.imports = imports
        self.now = change.now
        self.parts = change.parts
        self.stale = stale
        self.groups = groups
        group_of = change.group_of
        self.start = [
            path
            for path in self.now.candidates
            if path not in group_of or group_of[path] in groups or path in stale
        ]
        start = set(self.start)
        self.left = [path for path in self.now.candidates if path not in start]
        self.again = {path for place in groups for path in self.parts.groups[place]}

    def taken(self) -> Increment | set[int] | None:
        """What is found; or the groups that are to be analysed too; None when nothing is sure."""
        group_of = self.change.group_of
        part = self._part()
        result = part.run(self.start)
        while others := self._not_come_to(part):
            part.look_into(others)
        read = part.read
        if not part.thorough or self._are_roots_others(part):
            return None
        parts, nodes = self._regrouped(part, read)
        more = self._outdated(parts, nodes) | self._named(parts)
        more.update(group_of[path] for path in read if path in group_of)
        more -= self.groups
        if more:
            return more
        kept = frozenset(nodes - read)
        return Increment(
            result.findings,
            [Unresolved(*each) for each in result.unresolved],
            [error for error in part.errors.values() if error.path in nodes],
            kept,
            frozenset(nodes - parts.failed),
            parts,
        )

    def _part(self) -> Part:
        unread = self.change.group_of.keys() - self.again - self.stale - self.change.removed
        part = self.now.part(unread, frozenset(self._defined_elsewhere()))
        part.imports = self.imports
        return part

    def _not_come_to(self, part: Part) -> list[str]:
        """Files to be analysed again that those lead to which are not."""
        nodes = closed(self.now.candidates, self._loads(part, part.read))
        again = (self.stale | self.again) & nodes
        return sorted(path for path in again if path not in part.modules)

    def _loads(self, part: Part, read: set[str]) -> dict[str, Collection[str]]:
        """Which files lead to which."""
        gone = self.change.removed
        loads: dict[str, Collection[str]] = {
            path: others
            for path, others in self.parts.loads.items()
            if path not in read and path not in gone
        }
        loads.update((path, part.links.loads[path]) for path in read if path in part.links.loads)
        return loads

    def _are_roots_others(self, part: Part) -> bool:
        """Whether imports are followed from other files than was assumed."""
        failing = {path for path in self.start if part.modules.get(path) is None}
        if failing or not self.parts.failed.isdisjoint(self.start):
            return True
        targets = self.imports.targets
        return not targets.keys() <= closed(self.now.candidates, targets)

    def _defined_elsewhere(self) -> Iterator[str]:
        for path in self.left:
            yield from self.parts.defined.get(path, ())

    def _regrouped(self, part: Part, read: set[str]) -> tuple[Parts, set[str]]:
        """How the files hang together now."""
        old, new = self.parts, part.links
        loads = self._loads(part, read)
        nodes = closed(self.now.candidates, loads)
        failed = frozenset(
            path
            for path in nodes
            if (part.modules[path] is None if path in read else path in old.failed)
        )
        left = set(self.left)
        defined: dict[str, Collection[str]] = {
            path: names for path, names in old.defined.items() if path in left
        }
        defined.update(new.defined)
        naming: dict[str, Collection[str]] = {}
        for package in old.naming.keys() | new.names_of.keys():
            files = [path for path in old.naming.get(package, ()) if path in left]
            naming[package] = sorted({*files, *new.names_of.get(package, ())})
        groups = grouped(
            self._links(part, read, nodes),
            nodes,
            candidates=self.now.candidates,
            loads=loads,
            failed=failed,
            naming=naming.values(),
        )
        tables = {path for path in old.tables if path in nodes and path not in read}
        parts = Parts(
            groups,
            loads,
            failed,
            defined,
            naming,
            self.imports.targets,
            tables | new.tables,
            self.imports.acts,
            claims_of(
                {
                    state: path
                    for state, path in old.claims.items()
                    if path in nodes and path not in read
                }
                | new.claims,
                shared(nodes, self.now.modules),
            ),
        )
        return parts, nodes

    def _links(self, part: Part, read: set[str], nodes: set[str]) -> Links:
        links = Links()
        for place, group in enumerate(self.parts.groups):
            again = place in self.groups
            links.join_all(
                path
                for path in group
                if path in nodes and path not in self.stale and not (again and path in read)
            )
        for one, other in part.links.joined():
            links.join(one, other)
        for state, path in self.parts.claims.items():
            other = part.links.claims.get(state, path)
            if path in nodes and path not in read:
                links.join(path, other)
        before = shared(self.change.group_of, self.now.modules)
        for name, files in shared(nodes, self.now.modules).items():
            if name not in before:  # of the first one states were not kept
                links.join_all(files)
        return links

    def _outdated(self, parts: Parts, nodes: set[str]) -> set[int]:
        """The groups that hang together with what was analysed, or are not what they were."""
        group_of = self.change.group_of
        candidates = set(self.now.candidates)
        found: set[int] = set()
        for group in parts.groups:
            if candidates.isdisjoint(group):
                continue
            before = {group_of[path] for path in group if path in group_of}
            if before <= self.groups:
                continue
            if len(before) > 1 or group != self.parts.groups[next(iter(before))]:
                found |= before
        for path, place in group_of.items():
            if path not in nodes and place in self.change.bearing:
                found.add(place)
        return found

    def _named(self, parts: Parts) -> set[int]:
        """The groups in which functions are looked at, or no longer, for the names they use."""
        names = _all(self.parts.defined) ^ _all(parts.defined)
        if not names:
            return set()
        if not all(map(str.isascii, names)):  # they may be spelt in several ways
            return {self.change.group_of[path] for path in self.left}
        mention = re.compile(rb"\b(?:%b)\b" % b"|".join(re.escape(n.encode()) for n in names))
        found: set[int] = set()
        for path in self.left:
            try:
                data = self.now.load(path, self.now.stamps[path].size)
            except OSError:
                found.add(self.change.group_of[path])
                continue
            if mention.search(data):
                found.add(self.change.group_of[path])
        return found


def _all(names: Mapping[str, Iterable[str]]) -> set[str]:
    return {name for some in names.values() for name in some}


def _mentions(seen: Glance, mention: re.Pattern[str]) -> bool:
    return any(mention.search(module) or mention.search(names) for module, names in seen.imports)


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")
