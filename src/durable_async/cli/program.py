"""The frame of all commands. Invariant: whatever happens ends in one exit code and one explanation;
a traceback is for mistakes of ours, or for who asks with `--debug`.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from durable_async.cli.commands import COMMANDS
from durable_async.cli.groups import Commands
from durable_async.cli.refusals import CommandError, TargetError, in_words_of_commands
from durable_async.cli.reply import Reply
from durable_async.errors import DurableError

if TYPE_CHECKING:
    from durable_async.model.failure import Failure

__all__ = ["program", "run_program"]

NOT_DONE: Final = 1
NOT_UNDERSTOOD: Final = 2
INTERRUPTED: Final = 130


class Program(Commands):
    """The commands of `COMMANDS`, in their order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return None if entry is None else entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 not done or the instance failed, 2 not understood, "
    "130 interrupted.",
)
@click.version_option(package_name="durable-async", prog_name="durable")
def program() -> None:
    """Run durable orchestrators, and look after their instances."""


def run_program(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Nothing is raised but what is a mistake of ours."""
    _never_fail_to_print()
    # Looked for here and not in the parsed options: what could not be parsed is answered, too.
    reply = Reply(as_json="--json" in arguments)
    try:
        return _run(arguments, reply, debug="--debug" in arguments)
    except click.exceptions.Exit as end:
        return end.exit_code


def _run(arguments: Sequence[str], reply: Reply, *, debug: bool) -> int:
    try:
        code: Any = program.main(
            list(arguments), prog_name="durable", standalone_mode=False, obj=reply
        )
    except click.Abort as abort:
        return _interrupted(abort, reply)
    except Exception as error:
        explanation = _explanation(error)
        if debug and explanation is not None:
            traceback.print_exc()
        known = explanation or _unexpected(error)
        reply.refuse(known.kind, known.message, known.failure)
        if explanation is None:
            raise
        return known.code
    return code if isinstance(code, int) else 0


def _never_fail_to_print() -> None:
    """A letter that a terminal does not have is no reason to lose the page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _interrupted(abort: click.Abort, reply: Reply) -> int:
    # click has begun a new line after the "^C", and raised this from the KeyboardInterrupt, or, in
    # older releases, in its place.
    interrupt = abort.__cause__ or abort.__context__
    notes: list[str] = getattr(interrupt, "__notes__", [])
    reply.refuse("KeyboardInterrupt", "; ".join(notes) or "interrupted")
    return INTERRUPTED


class Explanation(NamedTuple):
    """What people and programs are told of an error, and the exit code."""

    code: int
    kind: str
    message: str
    failure: Failure | None = None


def _explanation(error: Exception) -> Explanation | None:
    """None of an error that nobody foresaw."""
    match error:
        case click.UsageError():
            return Explanation(NOT_UNDERSTOOD, "UsageError", _usage_text(error))
        case click.ClickException():
            return Explanation(error.exit_code, type(error).__name__, error.format_message())
        case TargetError():
            return Explanation(NOT_UNDERSTOOD, "TargetError", str(error))
        case CommandError():
            return Explanation(NOT_DONE, error.kind, str(error), error.failure)
        case DurableError() | OSError():
            return Explanation(NOT_DONE, type(error).__name__, in_words_of_commands(str(error)))
        case _:
            return None


def _unexpected(error: Exception) -> Explanation:
    kind = type(error).__name__
    return Explanation(NOT_DONE, kind, f"unexpected {kind}: {error}")


def _usage_text(error: click.UsageError) -> str:
    if error.ctx is None:
        return error.format_message()
    return (
        f"{error.format_message()}\n{error.ctx.get_usage()}\n"
        f'"{error.ctx.command_path} --help" says more.'
    )
