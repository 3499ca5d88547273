"""A project in parts that do not hang on each other, as an analysis has found it.

Invariant: what is found in the files of one group was decided by that group alone, and by who
imports its tables and does something when it is run. A group with a candidate - a file that may
hold roots - holds all who led to one of its files as well. The other groups say nothing, as nothing
is reported of what no root reaches.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from durable_lint.discover.modules import Modules
from durable_lint.reach.links import Links

if TYPE_CHECKING:
    from durable_lint.reach.analysis import Analysis

__all__ = ["Parts", "claims_of", "closed", "grouped", "parts_of", "shared"]


class Parts(NamedTuple):
    """groups: of all files that were looked into or could not be. loads: which were because of
    which. failed: files that could not be read. defined: the names of orchestrators and activities
    in each file. naming: packages, with their files that define orchestrators. imports: who imports
    whom, of all files that candidates import by whatever detour. tables: files of which it counts
    who imports them. acts: of those who do, whether running them does something, and derives
    classes. claims: states of modules whose names are given twice, each with a file that has to do
    with it.
    """

    groups: list[list[str]]
    loads: Mapping[str, Collection[str]]
    failed: frozenset[str]
    defined: Mapping[str, Collection[str]]
    naming: Mapping[str, Collection[str]]
    imports: Mapping[str, Collection[str]]
    tables: Collection[str]
    acts: Mapping[str, Sequence[bool]]
    claims: Mapping[str, str]

    def dump(self) -> bytes:
        """As a line of JSON."""
        paths = [path for group in self.groups for path in group]
        nodes = len(paths)
        paths += sorted(self.imports.keys() - set(paths))
        number = {path: place for place, path in enumerate(paths)}

        def numbers(some: Iterable[str]) -> list[int]:
            return sorted(number[path] for path in some if path in number)

        return json.dumps(
            [
                paths,
                [len(group) for group in self.groups],
                [numbers(self.loads.get(path, ())) for path in paths[:nodes]],
                numbers(self.failed),
                {path: sorted(names) for path, names in self.defined.items()},
                {package: numbers(files) for package, files in self.naming.items()},
                [numbers(self.imports.get(path, ())) for path in paths],
                numbers(self.tables),
                [(number[path], *acts) for path, acts in self.acts.items() if path in number],
                {state: number[path] for state, path in self.claims.items() if path in number},
            ],
            separators=(",", ":"),
        ).encode()

    @classmethod
    def read(cls, data: bytes) -> Parts:
        """What `dump` wrote."""
        paths, sizes, loads, failed, defined, naming, imports, tables, acts, claims = json.loads(
            data
        )
        groups: list[list[str]] = []
        start = 0
        for size in sizes:
            groups.append(paths[start : start + size])
            start += size

        def named(places: Iterable[int]) -> list[str]:
            return [paths[place] for place in places]

        return cls(
            groups,
            {path: named(places) for path, places in zip(paths, loads, strict=False) if places},
            frozenset(named(failed)),
            defined,
            {package: named(files) for package, files in naming.items()},
            {path: named(places) for path, places in zip(paths, imports, strict=True)},
            named(tables),
            {paths[place]: (some, derived) for place, some, derived in acts},
            {state: paths[place] for state, place in claims.items()},
        )


def parts_of(analysis: Analysis, candidates: Collection[str]) -> Parts | None:
    """The parts of a project that was analysed as a whole; None when they are not sure."""
    links, modules, imports = analysis.links, analysis.modules, analysis.imports
    nodes = closed(candidates, links.loads)
    if not analysis.thorough or nodes != {*modules, *candidates}:
        return None
    # Somebody came to a file that nobody imports: when that was has a part in who acts.
    if not imports.targets.keys() <= closed(candidates, imports.targets):
        return None
    failed = frozenset(path for path in nodes if modules.get(path) is None)
    groups = grouped(
        links,
        nodes,
        candidates=candidates,
        loads=links.loads,
        failed=failed,
        naming=links.names_of.values(),
    )
    return Parts(
        groups,
        links.loads,
        failed,
        links.defined,
        links.names_of,
        imports.targets,
        links.tables,
        imports.acts,
        claims_of(links.claims, shared(nodes, analysis.finder)),
    )


def shared(paths: Iterable[str], finder: Modules) -> dict[str, list[str]]:
    """The dotted names that several of these files have."""
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(finder.name(path), []).append(path)
    return {name: files for name, files in by_name.items() if len(files) > 1}


def claims_of(claims: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The states of modules of these names."""
    heads = tuple(f"{name}." for name in names)
    return {state: path for state, path in claims.items() if state.startswith(heads)}


def closed(paths: Iterable[str], loads: Mapping[str, Collection[str]]) -> set[str]:
    """These files, and what they import, and so on."""
    found = set(paths)
    todo = list(found)
    while todo:
        for path in loads.get(todo.pop(), ()):
            if path not in found:
                found.add(path)
                todo.append(path)
    return found


def grouped(
    links: Links,
    nodes: Collection[str],
    *,
    candidates: Iterable[str],
    loads: Mapping[str, Collection[str]],
    failed: Collection[str],
    naming: Iterable[Collection[str]],
) -> list[list[str]]:
    """The groups of these files, each in order. links: gets what else ties files together."""
    for files in naming:
        links.join_all(files)
    importers: dict[str, list[str]] = {}
    for importer in nodes:
        for path in loads.get(importer, ()):
            importers.setdefault(path, []).append(importer)
            if path in failed:
                links.join(importer, path)
    members: dict[str, list[str]] = {}
    for path in nodes:
        members.setdefault(links.group(path), []).append(path)
    todo = [path for path in candidates if path in nodes]
    seen: set[str] = set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        todo.extend(members.pop(links.group(path), ()))
        for importer in importers.get(path, ()):
            todo.extend(members.pop(links.group(importer), ()))
            links.join(path, importer)
            todo.append(importer)
    groups: dict[str, list[str]] = {}
    for path in sorted(nodes):
        groups.setdefault(links.group(path), []).append(path)
    return list(groups.values())
