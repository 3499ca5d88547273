"""Which module does what was asked. Invariant: each is imported only when it is asked for."""

import sys
from collections.abc import Sequence
from typing import assert_never

from durable_lint.cli.arguments import Catalogue, Check, Command, Explain, Scan, Serve, parse

__all__ = ["run"]

_CANNOT = 2


def run(given: Sequence[str]) -> int:
    """Do what the words ask for, and return the exit code."""
    command = parse(given)
    from durable_lint.cli.refusal import TROUBLE, said  # after --version and --help have ended

    try:
        return _dispatch(command)
    except TROUBLE as error:
        sys.stderr.write(f"durable-lint: {said(error)}\n")
        return _CANNOT


def _dispatch(command: Command) -> int:
    match command:
        case Check():
            if command.watch:
                from durable_lint.cli.watch import watch

                return watch(command)
            from durable_lint.cli.check import check

            return check(command)
        case Scan():
            from durable_lint.cli.candidates import scan

            return scan(command)
        case Catalogue():
            from durable_lint.cli.catalogue import list_rules

            return list_rules(command)
        case Explain():
            from durable_lint.cli.catalogue import explain

            return explain(command)
        case Serve():
            from durable_lint.cli.editor import serve

            return serve()
        case _:
            assert_never(command)
