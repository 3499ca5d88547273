"""One check, from the words of the command line to its exit code.

Invariant: 0 means that all of what was asked about was read and nothing was found in it, or that
the caller wanted 0 whatever is found.
"""

import sys
from collections.abc import Mapping, Sequence

from durable_lint.cli.arguments import Check
from durable_lint.cli.looking import look
from durable_lint.cli.notes import notes
from durable_lint.cli.output import print_lines, tell
from durable_lint.cli.projects import Project, absolute, must_exist, projects
from durable_lint.cli.showing import show
from durable_lint.report.outcome import Outcome

__all__ = ["check"]

_FOUND = 1
_NOT_ALL_READ = 2


def check(asked: Check) -> int:
    """Do what was asked, once, and return the exit code. Raises: Refused, ConfigError."""
    unsaved = _standard_input(asked)
    paths = list(unsaved) or asked.paths or ["."]
    if not unsaved:
        must_exist(paths)
    there = projects(paths, asked)
    if asked.show_config:
        from durable_lint.cli.settings import described

        print_lines(line for project in there for line in described(project.config))
        return 0
    if not asked.quiet:
        tell(f"durable-lint: {note}" for note in notes(there))
    if asked.write_baseline:
        from durable_lint.cli.known import hold_as_known

        return hold_as_known(there, asked)
    if asked.fix or asked.diff:
        from durable_lint.cli.mending import mend

        return _exit_code(mend(there, unsaved, asked), asked)
    return _exit_code(_looked(there, unsaved, asked), asked)


def _looked(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> Outcome:
    outcome = look(there, unsaved, asked)
    show(outcome, asked)
    return outcome


def _exit_code(outcome: Outcome, asked: Check) -> int:
    if outcome.findings:
        return 0 if asked.exit_zero else _FOUND
    return _NOT_ALL_READ if outcome.errors else 0


def _standard_input(asked: Check) -> dict[str, bytes]:
    """What stands for the file on disk, by path; nothing when it was not asked for."""
    if asked.stdin_filename is None:
        return {}
    return {absolute(asked.stdin_filename): sys.stdin.buffer.read()}
