"""What a page for people is made of. Invariant: a block says what is to be read, not how it is
drawn; and no text in it can command a terminal.

Instance ids, results and error messages come from anywhere. A terminal obeys control characters,
so they are shown as what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import attrs

__all__ = ["Block", "Cell", "Column", "Fields", "Note", "Style", "Table", "printable", "shortened"]

Style = Literal["", "strong", "faint", "good", "bad", "warning", "active"]

_ZERO_WIDTH_JOINER: Final = "\u200d"  # within emoji; it commands nothing


def printable(text: str) -> str:
    """The text with control characters, and others that have no look, as escapes."""
    if text.isprintable():
        return text
    return "\n".join(_printable_line(line) for line in text.replace("\r\n", "\n").split("\n"))


@attrs.frozen
class Cell:
    """A piece of text. Several lines are drawn as several lines."""

    text: str = attrs.field(converter=printable)
    style: Style = ""


@attrs.frozen
class Column:
    """whole: its cells are never broken into lines; others give way to it. optional: left out
    where there is no room for all."""

    title: str
    whole: bool = False
    optional: bool = False


@attrs.frozen
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


@attrs.frozen
class Fields:
    """Names, and what stands for each."""

    title: Cell | None
    rows: Sequence[tuple[str, Cell]]


@attrs.frozen
class Note:
    """A paragraph. indent: columns."""

    text: Cell
    indent: int = 0


Block = Table | Fields | Note


def _printable_line(line: str) -> str:
    return "".join(_printable_characters(line.expandtabs(4)))


def _printable_characters(line: str) -> Iterable[str]:
    for character in line:
        if character.isprintable() or character == _ZERO_WIDTH_JOINER:
            yield character
        elif character.isspace() and ord(character) > 0x9F:
            yield " "  # spaces of other widths
        else:
            yield character.encode("unicode_escape").decode("ascii")


def shortened(text: str, limit: int) -> str:
    """The beginning of a long text, saying how long it is. limit: characters."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}... ({len(text):,} characters)"
