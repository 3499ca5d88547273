"""`durable-lint scan`: what would make a good orchestrator, and what stands in its way.

Invariant: what stands in the way of a candidate is what `check` would report, were it an
orchestrator. What its steps do outside is no obstacle: they become activities.
"""

import ast
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from durable_lint import api
from durable_lint.cli.arguments import Scan
from durable_lint.cli.output import print_lines, tell
from durable_lint.cli.projects import absolute, must_exist
from durable_lint.config import Config, load
from durable_lint.discover.files import walk
from durable_lint.discover.modules import Modules
from durable_lint.model import Finding
from durable_lint.report.colour import PLAIN, TERMINAL, Palette, wants_colour
from durable_lint.report.outcome import in_order, relative
from durable_lint.scan import Candidate, candidates
from durable_lint.source import Source, SourceError

__all__ = ["scan"]

# Its definition is what `Candidate.changes` speaks of.
_ABOUT_DEFINITIONS: Final = "contract"
# What has these belongs outside, all of it; what has only others is mended where it is.
_OUTSIDE: Final = frozenset(
    {"network_io", "file_io", "subprocess", "environment", "process_state", "threading"}
    | {"blocking_sleep", "foreign_await", "dynamic_code"}
)


class _Prospect(NamedTuple):
    """A candidate with what was found in it.

    obstacles: what has to be mended, in itself or in a helper. activities: what it calls that
    belongs outside, with the categories of what that does.
    """

    candidate: Candidate
    obstacles: tuple[Finding, ...]
    activities: dict[str, list[str]]


def scan(asked: Scan) -> int:
    """Print the best candidates. Returns: 0, whatever they are. Raises: Refused, ConfigError."""
    paths = asked.paths or [os.curdir]
    must_exist(paths)
    given = [absolute(path) for path in paths]
    config = load(_common(given), asked.config)
    files = walk(given, config)
    chosen = [path for path in files.stamps if files.chosen(path)]
    trees, unread = _trees(chosen)
    modules = Modules(files.stamps, root=config.root)
    best = candidates(trees)[: asked.top]
    prospects = [_prospect(candidate, modules, config) for candidate in best]
    here = absolute(os.curdir)
    if asked.format == "json":
        print_lines([json.dumps(_document(prospects, here), indent=2)])
    else:
        paint = TERMINAL if wants_colour(asked.color, sys.stdout) else PLAIN
        print_lines(line for prospect in prospects for line in _described(prospect, here, paint))
        print_lines([_summary(len(prospects), len(chosen))])
    tell(f"durable-lint: {error}" for error in unread)
    return 0


def _common(paths: Sequence[str]) -> str:
    return os.path.commonpath(paths).replace(os.sep, "/")


def _trees(paths: Sequence[str]) -> tuple[dict[str, ast.Module], list[str]]:
    """The modules that define coroutines, and what was wrong with others."""
    trees: dict[str, ast.Module] = {}
    unread: list[str] = []
    for path in paths:
        try:
            source = Source.read(path)
            if b"async def" in source.data:
                trees[path] = source.tree
        except SourceError as error:
            unread.append(str(error))
    return trees, unread


def _prospect(candidate: Candidate, modules: Modules, config: Config) -> _Prospect:
    """Check the project as if the candidate were an orchestrator."""
    name = f"{modules.name(candidate.path)}.{candidate.function}"
    supposed = config._replace(roots=(*config.roots, name), baseline=None)
    findings = api.check([config.root], supposed).findings
    mine = [
        finding
        for finding in in_order(findings)
        if _belongs(finding, candidate) and finding.category != _ABOUT_DEFINITIONS
    ]
    activities: dict[str, list[str]] = {}
    for finding in mine:
        if finding.via and finding.category in _OUTSIDE:
            categories = activities.setdefault(_step(finding), [])
            if finding.category not in categories:
                categories.append(finding.category)
    obstacles = tuple(
        finding for finding in mine if not finding.via or _step(finding) not in activities
    )
    return _Prospect(candidate, obstacles, activities)


def _step(finding: Finding) -> str:
    """What the candidate calls to come there."""
    return finding.via[1].function if len(finding.via) > 1 else finding.function


def _belongs(finding: Finding, candidate: Candidate) -> bool:
    """Whether the candidate leads to the finding."""
    if finding.via:
        first = finding.via[0]
        return (first.path, first.function) == (candidate.path, candidate.function)
    inside = f"{finding.function}.".startswith(f"{candidate.function}.")
    return finding.path == candidate.path and inside


def _described(prospect: _Prospect, here: str, paint: Palette) -> Iterator[str]:
    candidate = prospect.candidate
    place = f"{relative(candidate.path, here)}:{candidate.line}:"
    yield f"{paint('path', place)} {candidate.function} (score {candidate.score})"
    for reason in candidate.reasons:
        yield f"    {paint('good', '+')} {reason}"
    for change in candidate.changes:
        yield f"    {paint('fix', '!')} {change}"
    for step, categories in prospect.activities.items():
        yield f"    {paint('fix', '>')} `{step}` becomes an activity ({', '.join(categories)})"
    for finding in prospect.obstacles:
        where = f"{relative(finding.path, here)}:{finding.span.line}:"
        yield f"    {paint('bad', '-')} {where} {finding.code} {finding.message}"
    yield ""


def _summary(shown: int, files: int) -> str:
    if not files:
        return "Nothing was read: no Python file is there."
    looked = f"{files} file{'' if files == 1 else 's'}"
    if not shown:
        return f"No coroutine in {looked} takes several steps that a crash would lose."
    noun = "candidate" if shown == 1 else "candidates, best first"
    return f"{shown} {noun} ({looked})."


def _document(prospects: Sequence[_Prospect], here: str) -> dict[str, Any]:
    return {
        "version": 1,
        "candidates": [
            {
                "path": relative(candidate.path, here),
                "line": candidate.line,
                "function": candidate.function,
                "score": candidate.score,
                "steps": list(candidate.steps),
                "reasons": list(candidate.reasons),
                "changes": list(candidate.changes),
                "activities": [
                    {"function": step, "categories": categories}
                    for step, categories in activities.items()
                ],
                "obstacles": [
                    {
                        "path": relative(finding.path, here),
                        "line": finding.span.line,
                        "column": finding.span.column,
                        "code": finding.code,
                        "message": finding.message,
                    }
                    for finding in obstacles
                ],
            }
            for candidate, obstacles, activities in prospects
        ],
    }
