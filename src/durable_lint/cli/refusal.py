"""What the command refuses to do. Invariant: whoever is refused is told what to type instead."""

from typing import Final

from durable_lint.baseline import BaselineError
from durable_lint.config import ConfigError
from durable_lint.discover.files import NoSuchPathError
from durable_lint.oracle.installed import MypyMissingError

__all__ = ["TROUBLE", "Refused", "said"]


class Refused(Exception):  # noqa: N818 - it is no fault of the program
    """A request that cannot be carried out as typed; the message is for the person who typed it."""


TROUBLE: Final = (Refused, ConfigError, BaselineError, MypyMissingError, NoSuchPathError)


def said(error: Exception) -> str:
    """The message for the person."""
    return str(error)
