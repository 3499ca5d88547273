"""Why a command could not be carried out. Invariant: each says what is wrong and what to do, and is
told without a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from durable_async.model.failure import Failure

__all__ = ["CommandError", "TargetError", "in_words_of_commands"]

_WORDS: Final = (
    ("if_exists='attach'", "--if-exists attach"),
    ("if_exists='update'", "--if-exists update"),
    (
        'either cron="0 3 * * *" or every=timedelta(hours=1)',
        'either --cron "0 3 * * *" or --every 3600',
    ),
    (
        "Give the client the codec with which it was stored: Client(..., codec=...)",
        "Give the codec with which it was stored: --codec FILE_OR_MODULE:NAME",
    ),
    ("cron=...", "--cron"),
    ("every=...", "--every"),
    ("client.schedules.list() shows", '"durable schedules list" shows'),
    ("if_exists='replace'", "--if-exists replace"),
    ("or 'replace' to", "or --if-exists replace to"),
    ("ask its stack() what", '"durable stack" says what'),
    ("The instance's stack() says", '"durable stack" says'),
    ("Its stack() says", '"durable stack" says'),
)
"""Python that errors advise to write, and what it is on a command line."""


class CommandError(Exception):
    """A command that was understood, and not done.

    kind: the name of what went wrong, for programs. failure: of the instance, if that is what
    failed.
    """

    def __init__(
        self, message: str, *, kind: str = "CommandError", failure: Failure | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.failure = failure


class TargetError(Exception):
    """What was named cannot be loaded, or is something else; nothing has been run or stored."""


def in_words_of_commands(message: str) -> str:
    """The message of an error, its advice as one would type it."""
    for python, command in _WORDS:
        message = message.replace(python, command)
    return message
