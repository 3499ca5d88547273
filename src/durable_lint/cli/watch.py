"""Check again whenever a file changes, until interrupted.

Invariant: what is on the screen is about the files as they were at one look. What cannot be checked
at the moment - a mistake in the settings, a path that is gone - is said, and watching goes on.
"""

import sys
import time
from collections.abc import Callable

from durable_lint.cli.arguments import Check
from durable_lint.cli.check import check
from durable_lint.cli.output import tell
from durable_lint.cli.projects import projects
from durable_lint.cli.refusal import TROUBLE, said
from durable_lint.discover.files import walk

__all__ = ["Look", "look_at_files", "watch"]

Look = Callable[[Check], object]  # equal as long as no file changed

_EVERY = 0.3  # seconds; half of it is not yet felt as waiting
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch(
    asked: Check, pause: Callable[[float], object] = time.sleep, look: Look | None = None
) -> int:
    """Check, wait for a change, check again. Raises: KeyboardInterrupt is its only end.

    pause: waits so many seconds. look: says how the files stand.
    """
    stand = look or look_at_files
    while True:
        before = stand(asked)
        if sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        try:
            check(asked)
        except TROUBLE as error:
            tell([f"durable-lint: {said(error)}"])
        tell(["Watching for changes; Ctrl-C ends it."])
        # A change while the check ran is a change: what it read may be neither old nor new. Only
        # what it mended itself is not.
        last = stand(asked) if asked.fix else before
        while stand(asked) == last:
            pause(_EVERY)


def look_at_files(asked: Check) -> object:
    """How the files that the check would read stand: their times and sizes, and the settings."""
    try:
        there = projects(asked.paths or ["."], asked)
        return [
            (project, tuple(walk(project.paths, project.config).stamps.items()))
            for project in there
        ]
    except TROUBLE as error:
        return repr(error)
