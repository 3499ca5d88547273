"""What the analysis says of several projects, as one outcome.

Invariant: nothing that a project reports is left out; the order does not depend on how the paths
were given.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence

from durable_lint import api
from durable_lint.cache import Cache
from durable_lint.cli.arguments import Check
from durable_lint.cli.projects import Project, absolute
from durable_lint.report.outcome import Outcome, Sources, in_order

__all__ = ["cache_of", "look"]


def look(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> Outcome:
    """Check all projects. unsaved: contents that stand for those on disk, by path.

    Raises: NoSuchPathError, BaselineError.
    """
    reports = [
        api.check(project.paths, project.config, overrides=unsaved, cache=cache_of(project, asked))
        for project in there
    ]
    return Outcome(
        findings=in_order([finding for report in reports for finding in report.findings]),
        files=sum(report.files for report in reports),
        reached=sum(len(report.reached) for report in reports),
        unresolved=[call for report in reports for call in report.unresolved],
        errors=[error for report in reports for error in report.errors],
        known=sum(report.known for report in reports),
        stale=sum(report.stale for report in reports),
        dialects=list(sum((Counter(dict(each.dialects)) for each in reports), Counter()).items()),
        directory=absolute(os.curdir),
        sources=Sources(unsaved),
    )


def cache_of(project: Project, asked: Check) -> Cache | None:
    """Where what was found out about this project is kept; None keeps nothing."""
    if asked.no_cache:
        return None
    if asked.cache_dir is not None:
        return Cache(absolute(asked.cache_dir))
    return Cache.beside(project.config.root)
