"""What is typed after a command. Invariant: what cannot be meant is refused before anything is
opened or loaded, saying what to type instead.

The functions here are types for click: text in, value out, click.BadParameter for what is none.
"""

from __future__ import annotations

import functools
import json
import math
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

import click

from durable_async.app import DEFAULT_URL
from durable_async.cli.blocks import printable
from durable_async.cli.refusals import CommandError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.times import parse_seconds, parse_time
from durable_async.convert.jsonform import from_json
from durable_async.convert.texts import check_text, checked_id
from durable_async.worker.guard import GuardMode

__all__ = [
    "ahead",
    "argument_option",
    "back",
    "common_options",
    "confirmed",
    "guard_option",
    "instance_argument",
    "json_text_of",
    "number_of_seconds",
    "reason_option",
    "tag_option",
    "tags_of",
    "text",
    "text_of_lines",
    "valid_id",
]

Command = Callable[..., int | None]
"""Gives the exit code, if that is not 0."""


# ---- texts -----------------------------------------------------------------------------------


def text(typed: str) -> str:
    """Text that can be stored and found again."""
    return _checked(typed, lines=False)


def text_of_lines(typed: str) -> str:
    """The same, of any number of lines; may be empty."""
    return _checked(typed, lines=True) if typed else typed


def _checked(typed: str, *, lines: bool) -> str:
    try:
        check_text(typed, what="this", lines=lines)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return typed


def valid_id(typed: str) -> str:
    """The id of an instance."""
    try:
        return checked_id(typed)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _tag(typed: str) -> tuple[str, str]:
    key, sign, value = typed.partition("=")
    if not key or not sign:
        raise click.BadParameter(f"{typed!r} is no tag. Write KEY=VALUE, as in customer=c-17")
    return text(key), text_of_lines(value)


def tags_of(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Raises click.UsageError if a key has two values."""
    tags: dict[str, str] = {}
    for key, value in pairs:
        if tags.setdefault(key, value) != value:
            raise click.UsageError(f"tag {key} is given twice: {tags[key]!r} and {value!r}")
    return tags


# ---- JSON ------------------------------------------------------------------------------------


def json_text_of(typed: str) -> str:
    """JSON as it is, in a file (@FILE), or from standard input (-).

    The text, not the value: what it is to become is for its type hint to say.
    """
    found = _read(typed)
    try:
        from_json(found.encode())
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(_not_json(typed, error)) from error
    return found


def _read(typed: str) -> str:
    if typed == "-":
        return sys.stdin.read()
    if not typed.startswith("@"):
        return typed
    try:
        return Path(typed[1:]).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{typed[1:]} cannot be read: {error}") from error


def _not_json(typed: str, error: Exception) -> str:
    if typed == "-" or typed.startswith("@"):
        return f"{typed} holds no JSON: {error}"
    quoted = json.dumps(typed, ensure_ascii=False)
    return f"{typed!r} is no JSON ({error}). If it is meant as a string, write '{quoted}'"


# ---- times -----------------------------------------------------------------------------------


def ahead(typed: str) -> datetime:
    """A time, or so long from now."""
    return _time(typed, 1)


def back(typed: str) -> datetime:
    """A time, or so long ago."""
    return _time(typed, -1)


def _time(typed: str, direction: int) -> datetime:
    try:
        return parse_time(typed, now=datetime.now(UTC), direction=direction)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def number_of_seconds(typed: str | float) -> float:
    """Zero or more; "15m" and the like are understood."""
    try:
        seconds = parse_seconds(str(typed))
    except (ValueError, OverflowError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise click.BadParameter(
            f"{typed!r} is no number of seconds, and no duration: write 90, 90s, 15m, 2h, 1d12h, 2w"
        )
    return seconds


# ---- being sure ------------------------------------------------------------------------------


def confirmed(question: str, *, what: str, named: bool) -> None:
    """Go on only if whoever sits at the terminal says so.

    what: cannot be undone, e.g. "terminating". named: whether ids say what it is about; then a
    script, which has no terminal, means it. Raises: click.UsageError if there is nobody to
    ask, and conditions say what it is about; CommandError if they say no.
    """
    if not sys.stdin.isatty():
        if named:
            return
        raise click.UsageError(
            f"{what} cannot be undone, and there is no terminal to ask on: give --yes"
        )
    if not click.confirm(printable(question), err=True):
        raise CommandError("nothing was done", kind="Declined")


# ---- what commands share ---------------------------------------------------------------------

instance_argument: Final = click.argument("instance_id", metavar="ID", type=valid_id)

argument_option: Final = click.option(
    "--arg",
    "texts",
    multiple=True,
    type=json_text_of,
    metavar="JSON",
    help="An argument: JSON, @FILE or - for standard input. Once for each, in order.",
)


guard_option: Final = click.option(
    "--guard",
    type=click.Choice(get_args(GuardMode)),
    default="audit",
    show_default=True,
    help="What orchestrators are kept from: audit: files, sockets, processes; strict: also clocks "
    "and chance, for tests; off: nothing.",
)


def tag_option(help: str) -> Callable[[Command], Command]:
    return click.option("--tag", "tags", multiple=True, type=_tag, metavar="KEY=VALUE", help=help)


def reason_option(help: str) -> Callable[[Command], Command]:
    return click.option("--reason", type=text_of_lines, default="", metavar="TEXT", help=help)


def common_options(command: Command) -> Command:
    """What every command takes: where the instances are, and how to answer.

    The command is called with a Store and a Reply in front of its own parameters. `--debug` is
    for `run_program` to see.
    """

    @functools.wraps(command)
    def with_store(
        *, url: str, namespace: str, codec: str | None, as_json: bool, debug: bool, **own: Any
    ) -> int | None:
        reply = click.get_current_context().ensure_object(Reply)
        reply.as_json = as_json
        store = Store(url=url, namespace=namespace, codec_target=codec)
        return command(store, reply, **own)

    options: Command = with_store
    for option in reversed(_COMMON):
        options = option(options)
    return options


_COMMON: Final = (
    click.option(
        "--url",
        envvar="DURABLE_URL",
        default=DEFAULT_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="Where the instances are kept.",
    ),
    click.option(
        "--namespace",
        default="default",
        show_default=True,
        metavar="NAME",
        help="Which partition of names.",
    ),
    click.option(
        "--codec",
        envvar="DURABLE_CODEC",
        show_envvar=True,
        metavar="FILE_OR_MODULE:NAME",
        help="What encrypts or compresses the values, if something does.",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
    click.option("--debug", is_flag=True, help="Show tracebacks."),
)
