"""A check of files, from their paths to the findings that are shown; nothing is printed here.

Invariant: what is reported of a file does not depend on which other files were asked about, nor on
whether a cache was there. No file can make a check fail: one that cannot be read or parsed is a
DUR000 finding at the place where reading stopped, and the rest is checked.

Of the files that no orchestrator reaches and that name nothing of durable_async only those are
parsed that were asked for by name; in a small project all are, for it is not felt.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from durable_lint.cache import Cache, Run
from durable_lint.collector import without_collector
from durable_lint.config import Config
from durable_lint.discover.files import Files, is_small, walk
from durable_lint.model import Finding, Unresolved
from durable_lint.selection import in_order, selected, unread

__all__ = ["Report", "Unresolved", "check"]


class Report(NamedTuple):
    """findings: of the files asked about, by path and place, without those that a comment, the
    settings or a baseline keep silent. files: how many were looked at. reached: those that decided.
    unresolved: calls in reached code that lead nobody knows where. errors: what could not be looked
    at, one line each. known: findings that the baseline holds. stale: its entries for files asked
    about which match nothing any more. dialects: those that a project without orchestrators speaks
    though its settings name none, with the number of files.
    """

    findings: tuple[Finding, ...]
    files: int
    reached: tuple[str, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    errors: tuple[str, ...] = ()
    known: int = 0
    stale: int = 0
    dialects: tuple[tuple[str, int], ...] = ()


def check(
    paths: Iterable[str | os.PathLike[str]],
    config: Config,
    *,
    overrides: Mapping[str, bytes] | None = None,
    cache: Cache | None = None,
) -> Report:
    """Check files and directories against the project around them.

    paths: none at all means the whole project. overrides: contents that stand for those on disk,
    by absolute path; such a file need not exist. cache: None keeps nothing.
    Raises: NoSuchPathError for a path that is not there; BaselineError;
    MypyMissingError when the settings ask for types and mypy is not installed.
    """
    contents = dict(overrides or {})
    files = walk(paths, config, contents)
    kept = cache if cache is not None and not contents else Cache(None)
    plain = config._replace(baseline=None)
    run = kept.run(plain, files.stamps)
    chosen = files.choice()
    troubles: Sequence[str] = ()
    if run is None:
        from durable_lint.project import Project  # a run that stands needs none of it

        project = Project(files, plain, contents, cache or Cache(None))
        with without_collector():
            run = project.run(kept.earlier(plain))
        troubles = project.troubles
        if not troubles:
            kept.keep_run(plain, files.stamps, run, project.parts)
        findings = [finding for finding in run.findings if chosen(finding.path)]
    else:
        findings = [finding for finding in run.findings if chosen(finding.path)]
        if more := _unread_by_name(files, run, config):
            findings = in_order([*findings, *more])
    report = _report(files, config, run, findings, contents)
    return report._replace(errors=(*report.errors, *troubles))


def _unread_by_name(files: Files, run: Run, config: Config) -> list[Finding]:
    """Syntax errors in files asked for by name that the run, made for others, did not look at."""
    if is_small(files.stamps):
        return []
    known = {*run.candidates, *run.reached, *(each.path for each in run.findings)}
    unknown = [path for path in files.by_name if path not in known]
    if not unknown:
        return []
    from durable_lint.source import Source, SourceError

    found: list[Finding] = []
    for path in unknown:
        try:
            _ = Source.read(path).tree
        except SourceError as error:
            found.append(unread(error))
    return list(selected(found, config))


def _report(
    files: Files,
    config: Config,
    run: Run,
    findings: list[Finding],
    contents: Mapping[str, bytes],
) -> Report:
    chosen = files.choice()
    known = stale = 0
    if config.baseline is not None:
        from durable_lint.baseline import Baseline
        from durable_lint.report.outcome import Sources

        compared = Baseline.read(config.baseline).compare(
            findings, config.root, Sources(contents).line, chosen, config.selects
        )
        findings, known, stale = compared
    return Report(
        findings=tuple(findings),
        files=sum(map(chosen, files.stamps)),
        reached=run.reached,
        unresolved=tuple(each for each in run.unresolved if chosen(each.path)),
        errors=tuple(f"{path}: {reason}" for path, reason in files.troubles),
        known=known,
        stale=stale,
        dialects=run.dialects,
    )
