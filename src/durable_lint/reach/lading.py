"""What another library makes is of that library, unless it was given what is not.

Invariant: whoever was handed anything but plain values may give it back: a task that a project made
is its own, wherever it is kept.
"""

from __future__ import annotations

from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.values import Constant, Instance, Made, Value, members_of

__all__ = ["PART", "is_laden", "part_of"]

PART: Final = "[]"
"""How a name goes on after which an element is meant."""
HOLDING: Final = ("asyncio.", "concurrent.", "contextvars.", "functools.", "types.")


def is_laden(given: Given) -> bool:
    """Whether anything but plain values, and what is of libraries, is among the arguments."""
    return given.starred or not (
        all(map(_is_plain, given.positional))
        and all(_is_plain(value) for _, value in given.keywords)
    )


def _is_plain(value: Value) -> bool:
    return all(_is_plain_part(part) for part in members_of(value))


def _is_plain_part(part: Value) -> bool:
    match part:
        case Constant():
            return True
        case Made(_, laden):
            return not laden
        case Instance(cls, items):
            return "." in cls and not cls.startswith(HOLDING) and all(map(_is_plain, items))
        case _:
            return False


def part_of(value: Made) -> Made | None:
    """An element of what a library gave; None if that may be anybody's."""
    if value.laden:
        return None
    return value if value.by.endswith(PART) else Made(value.by + PART)
