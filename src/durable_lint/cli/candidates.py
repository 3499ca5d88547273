"""`durable-lint scan`: what would make a good orchestrator, and what stands in its way.

Invariant: what stands in the way of a candidate is what `check` would report, were it an
orchestrator. What its steps do outside is no obstacle: they become activities.
"""

import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from durable_lint.cli.arguments import Scan
from durable_lint.cli.output import print_lines, tell
from durable_lint.cli.projects import absolute, must_exist
from durable_lint.config import Config, load
from durable_lint.discover.files import walk
from durable_lint.discover.modules import Modules
from durable_lint.model import Finding
from durable_lint.reach.analysis import Analysis
from durable_lint.reach.knowledge import Options
from durable_lint.report.colour import PLAIN, TERMINAL, Palette, wants_colour
from durable_lint.report.outcome import in_order, relative
from durable_lint.rules import judge
from durable_lint.scan import Candidate, candidates
from durable_lint.source import Source, SourceError
from durable_lint.suppress import suppress
from durable_lint.vocabulary import Vocabulary

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
    code = _Code(config, Modules(files.stamps, root=config.root))
    gc.disable()  # trees are large and have no cycles; the process ends soon
    try:
        best = code.candidates(chosen)[: asked.top]
        prospects = [code.prospect(candidate) for candidate in best]
    finally:
        gc.enable()
    here = absolute(os.curdir)
    if asked.format == "json":
        print_lines([json.dumps(_document(prospects, here), indent=2)])
    else:
        paint = TERMINAL if wants_colour(asked.color, sys.stdout) else PLAIN
        print_lines(line for prospect in prospects for line in _described(prospect, here, paint))
        print_lines([_summary(len(prospects), len(chosen))])
    tell(f"durable-lint: {error}" for error in code.unread)
    return 0


def _common(paths: Sequence[str]) -> str:
    return os.path.commonpath(paths).replace(os.sep, "/")


class _Code:
    """The project. Each file of it is read and parsed once, however many candidates lead there.

    unread: what was wrong with files that could not be read.
    """

    def __init__(self, config: Config, modules: Modules) -> None:
        self.config = config
        self.modules = modules
        self.unread: list[str] = []
        self._sources: dict[str, Source] = {}
        self._judge = judge()
        nondeterministic: dict[str, list[str]] = {}
        for name, category in config.nondeterministic:
            nondeterministic.setdefault(category, []).append(name)
        self._vocabulary = Vocabulary.standard(strict_logging=config.strict_logging).with_config(
            nondeterministic, config.deterministic, config.activities
        )

    def source(self, path: str) -> Source:
        """Raises: SourceError when it cannot be read."""
        known = self._sources.get(path)
        if known is None:
            known = self._sources[path] = Source.read(path)
        return known

    def candidates(self, paths: Sequence[str]) -> list[Candidate]:
        """The best ones among the coroutines of these files first."""
        trees = {}
        for path in paths:
            try:
                source = Source.read(path)
                if b"async def" in source.data:
                    self._sources[path] = source
                    trees[path] = source.tree
            except SourceError as error:
                self.unread.append(str(error))
        return candidates(trees)

    def prospect(self, candidate: Candidate) -> _Prospect:
        """Check the code as if the candidate were an orchestrator, and nothing else was one."""
        name = f"{self.modules.name(candidate.path)}.{candidate.function}"
        config = self.config
        options = Options(
            dialects=config.dialects,
            roots=(name,),
            activities=config.activities,
            strict_logging=config.strict_logging,
        )
        analysis = Analysis(self.modules, self.source, self._vocabulary, options, self._judge)
        mine = [
            finding
            for finding in self._shown(analysis.run((candidate.path,)).findings)
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

    def _shown(self, findings: Sequence[Finding]) -> list[Finding]:
        """Without what comments and settings keep silent."""
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            if self.config.selects(finding.code):
                by_path.setdefault(finding.path, []).append(finding)
        kept: list[Finding] = []
        for path, of_file in by_path.items():
            ignored = self.config.ignores_in(path)
            kept += [
                finding
                for finding in suppress(self.source(path), of_file)
                if not any(code == "ALL" or finding.code.startswith(code) for code in ignored)
            ]
        return in_order(kept)


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
