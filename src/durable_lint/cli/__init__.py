"""The command `durable-lint`. Invariant: it never says "no findings" about code it did not read.

A request that cannot be carried out as typed ends with 2, so no CI job turns green by a typing
mistake. Nothing that a run does not need is imported: hooks start this command at every commit.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["command", "main"]

_CANNOT = 2
_INTERRUPTED = 130
_LIVING = frozenset({"lsp", "server", "--watch"})  # what goes on for hours
_READER_GONE = 141  # as a shell says of a program that SIGPIPE ended


def command() -> NoReturn:
    """The process that is `durable-lint`: it ends with the exit code of `main`.

    It ends at once. To take all the trees apart that are in memory takes longer than many a run.
    """
    ended = main()
    if _LIVING.intersection(sys.argv[1:]):
        sys.exit(ended)
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        ended = ended or _CANNOT
    os._exit(ended)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    arguments: the command line without the program's name; None takes it from `sys.argv`.
    Returns: 0 if it found nothing, 1 if it found something, 2 if it could not do what was asked or
    say what came of it, 130 if it was interrupted, 141 if the reader of its output went away.
    Raises: SystemExit with 0 after --help and --version, with 2 after a mistake in the arguments.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if sys.stdout is None:  # `>&-`
        return _said("standard output is closed, so nobody would learn what is found")
    try:
        from durable_lint.cli.program import run

        if arguments is None and not _LIVING.intersection(given):
            gc.disable()
        ended = run(given)
        sys.stdout.flush()  # here, where a reader that is gone is no traceback
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # `durable-lint check | head`
        _forget_output()
        return _READER_GONE
    except OSError as error:  # a full disk, most often
        _forget_output()
        what = "what was found" if error.filename is None else error.filename
        return _said(f"{what} cannot be written: {error.strerror or error}")
    return ended


def _said(trouble: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"durable-lint: {trouble}\n")
    return _CANNOT


def _forget_output() -> None:
    """Give what is still buffered nowhere to fail: the interpreter flushes it when it ends."""
    from contextlib import suppress

    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):  # of a stream that is no file
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
