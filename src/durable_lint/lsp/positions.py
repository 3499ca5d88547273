"""Places of ours and places of the protocol.

Invariant: a place of one is the same character in the other. Ours count lines and characters from
1; the protocol counts from 0, and columns in units that client and server agreed on: UTF-16 code
units as a rule, so that a character beyond U+FFFF has two.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lsprotocol import types

from durable_lint.model import Span

__all__ = ["Columns", "Shift"]

_BEYOND: Final = "\uffff"


class Columns:
    """Converts columns. encoding: as agreed, `utf-8`, `utf-16` or `utf-32`."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding

    def range(self, span: Span, lines: Sequence[str]) -> types.Range:
        """A place in a text of these lines; what lies behind the end of a line is its end."""
        return types.Range(
            self._position(span.line, span.column, lines),
            self._position(span.end_line, span.end_column, lines),
        )

    def span(self, given: types.Range, lines: Sequence[str]) -> Span:
        """The reverse of `range`."""
        line, column = self.place(given.start, lines)
        end_line, end_column = self.place(given.end, lines)
        return Span(line, column, end_line, end_column)

    def place(self, position: types.Position, lines: Sequence[str]) -> tuple[int, int]:
        """Line and column, from 1, of a position."""
        text = _line(lines, position.line + 1)
        return position.line + 1, self._characters(text, position.character) + 1

    def _position(self, line: int, column: int, lines: Sequence[str]) -> types.Position:
        before = _line(lines, line)[: column - 1]
        return types.Position(line - 1, self._units(before))

    def _units(self, text: str) -> int:
        if text.isascii() or self.encoding == "utf-32":
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(character > _BEYOND for character in text)

    def _characters(self, text: str, units: int) -> int:
        """How many characters so many units are; a unit within a character counts as its start."""
        if text.isascii() or self.encoding == "utf-32":
            return min(units, len(text))
        done = 0
        for count, character in enumerate(text):
            done += self._units(character)
            if done > units:
                return count
        return len(text)


class Shift(NamedTuple):
    """How far lines moved between a text that was analysed and what it is now.

    first: the first line, from 1, that differs. last: the last of the analysed text that differs.
    by: how far lines behind that moved.
    """

    first: int
    last: int
    by: int

    @classmethod
    def between(cls, analysed: Sequence[str], now: Sequence[str]) -> "Shift":
        """What was typed is taken for one piece: it mostly is."""
        shorter = min(len(analysed), len(now))
        head = 0
        while head < shorter and analysed[head] == now[head]:
            head += 1
        tail = 0
        while tail < shorter - head and analysed[-1 - tail] == now[-1 - tail]:
            tail += 1
        return cls(head + 1, len(analysed) - tail, len(now) - len(analysed))

    def moved(self, span: Span) -> Span | None:
        """The place now; None when it is in what was typed over."""
        if span.end_line < self.first:
            return span
        if span.line > self.last:
            return span._replace(line=span.line + self.by, end_line=span.end_line + self.by)
        return None


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""
