"""Findings that are held as known. Invariant: what was not checked today stays as it was held.

So a baseline can be written anew for one directory without forgetting the others.
"""

import os
from collections.abc import Callable, Sequence

from durable_lint import api
from durable_lint.baseline import Baseline, Fingerprint, fingerprints
from durable_lint.cli.arguments import Check
from durable_lint.cli.looking import cache_of
from durable_lint.cli.output import tell
from durable_lint.cli.projects import Project, absolute
from durable_lint.report.outcome import Outcome, Sources, relative

__all__ = ["digests", "hold_as_known"]

_FILE = "durable-lint-baseline.json"


def hold_as_known(there: Sequence[Project], asked: Check) -> int:
    """Write the baseline of each project. Returns: 0, for what is known is no finding.

    Raises: BaselineError.
    """
    here = absolute(os.curdir)
    for project in there:
        config = project.config
        file = config.baseline or f"{config.root.rstrip('/')}/{_FILE}"
        config = config._replace(baseline=None)
        report = api.check(project.paths, config, cache=cache_of(project, asked))
        today = Baseline.of(report.findings, config.root, Sources().line)
        kept = _unchecked(file, project, config.selects)
        Baseline([*today.entries, *kept]).write(file)
        if not asked.quiet:
            tell(_said(file, here, len(report.findings), project))
    return 0


def _unchecked(file: str, project: Project, selects: Callable[[str], bool]) -> list[Fingerprint]:
    """Entries of a baseline that is there already, for files and codes that are not checked."""
    if not os.path.exists(file):
        return []
    root = project.config.root.rstrip("/")
    return [
        entry
        for entry in Baseline.read(file).entries
        if not selects(entry.code)
        or not _below(os.path.normpath(f"{root}/{entry.path}").replace(os.sep, "/"), project.paths)
    ]


def _below(path: str, given: Sequence[str]) -> bool:
    return any(path == one or path.startswith(one.rstrip("/") + "/") for one in given)


def _said(file: str, here: str, count: int, project: Project) -> list[str]:
    shown = relative(file, here)
    said = [f"{count} finding{'' if count == 1 else 's'} held as known in {shown}."]
    if project.config.baseline != file:
        name = relative(file, project.config.root)
        said.append(f'Put `baseline = "{name}"` under [tool.durable-lint], and commit both.')
    return said


def digests(outcome: Outcome) -> list[str]:
    """What makes each finding the same one in another run, in one word each."""
    prints = fingerprints(outcome.findings, outcome.directory, outcome.sources.line)
    return [one.digest() for one in prints]
