"""What a command answers, and where. Invariant: with `--json` standard output gets one document and
nothing else, also when the command fails; without, it gets the result. All else goes to standard
error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

# What draws, and what turns values into JSON, is imported when there is something to say: help
# needs none of it, and is to come at once.
if TYPE_CHECKING:
    from durable_async.cli.blocks import Block
    from durable_async.model.failure import Failure

__all__ = ["Reply"]

READER_LEFT: Final = 141
"""As of any program that writes to a pipe whose reader has gone."""


class Reply:
    """How one run of the command answers. as_json: a document for programs, rather than a page
    for people."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._is_given = False
        self._in_progress = False

    def give(self, document: Callable[[], Any], page: Callable[[], Sequence[Block]]) -> None:
        """The result, in the one form that was asked for."""
        self._end_progress()
        self._is_given = True
        if self.as_json:
            self._write_document(document())
        else:
            from durable_async.cli.drawing import draw

            _writing(lambda: draw(page(), sys.stdout))

    def say(self, text: str) -> None:
        """A line about what goes on; nothing that a program would read."""
        from durable_async.cli.blocks import printable

        click.echo(printable(text), err=True)

    def progress(self, text: str) -> None:
        """How far long work is, on a terminal: each replaces the one before."""
        if sys.stderr.isatty():
            from durable_async.cli.blocks import printable

            self._in_progress = True
            click.echo(f"\r\x1b[K{printable(text)}", err=True, nl=False)

    def _end_progress(self) -> None:
        if self._in_progress:
            self._in_progress = False
            click.echo("\r\x1b[K", err=True, nl=False)

    def refuse(self, kind: str, message: str, failure: Failure | None = None) -> None:
        """What went wrong: in words, and for the program that listens, if one does."""
        self._end_progress()
        if self.as_json and not self._is_given:
            from durable_async.cli.documents import error_document

            self._write_document(error_document(kind, message, failure))
        elif failure is not None:
            from durable_async.cli.drawing import draw
            from durable_async.cli.pages import failure_blocks

            draw(failure_blocks(failure), sys.stderr)
        self.say(f"durable: {message}")

    def _write_document(self, document: Any) -> None:
        from durable_async.cli.documents import json_text

        text = json_text(document, indent=2 if sys.stdout.isatty() else None)
        _writing(lambda: sys.stdout.write(f"{text}\n"))


def _writing(write: Callable[[], object]) -> None:
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_quietly()


def _stop_quietly() -> NoReturn:
    """The reader has what it wanted, as in `durable list | head`."""
    # Python flushes standard output once more at its end, and must not fail there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise click.exceptions.Exit(READER_LEFT)
