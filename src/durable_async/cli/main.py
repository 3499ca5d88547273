"""The entry of the command `durable`. Invariant: without the extra `cli` it says how to get it, and
nothing else happens.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]

NEEDS = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    arguments: the command line without the program's name; None takes it from `sys.argv`.
    Returns: 0 if it was done, 1 if it failed, 2 if it could not be begun as typed, 130 if it
    was interrupted; see docs/howto/use-the-command-line.md.
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"durable: the command line needs {' and '.join(missing)}: "
            "pip install 'durable-async[cli]'\n"
        )
        return 2
    try:
        from durable_async.cli.program import run_program

        return run_program(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:  # before there was a command, or after it
        return 130
