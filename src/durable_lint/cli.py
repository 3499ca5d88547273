"""The command `durable-lint`. It never says "no findings" about code that it has not read.

This release has no rules yet. So every request to check something ends with exit code 2, as
any other request that cannot be carried out: a CI job must not turn green by it.
"""

import argparse
import sys
from collections.abc import Sequence

from durable_lint import __version__

__all__ = ["main"]

NO_RULES = f"""\
durable-lint {__version__} has no rules yet: nothing was checked.
Until a release brings them, testing.environment(..., rebuild=True) finds what replays differently
when it happens in a test.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    arguments: the command line without the program's name; None takes it from `sys.argv`.
    Raises: SystemExit with 0 after --version or --help.
    """
    parser = argparse.ArgumentParser(
        prog="durable-lint",
        description="Checks that orchestrators replay alike. The rules are not in this release.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.parse_known_args(arguments)
    sys.stderr.write(NO_RULES)
    return 2
