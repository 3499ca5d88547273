"""Text is changed at places only: what lies between two edits is kept character by character.

Invariant: edits that are applied together do not overlap. So comments, line ends, tabs and whatever
else nobody asked about stay as they are.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import NamedTuple

from durable_lint.model import Span

__all__ = ["Edit", "Taken", "TextEdit", "applied", "original_offset"]


class TextEdit(NamedTuple):
    """What an editor does: put `text` in the place of `span`, which is empty for an insertion."""

    span: Span
    text: str


class Edit(NamedTuple):
    """start, end: offsets in characters into the text. text: what stands there afterwards.

    around: length of the expression that two insertions enclose, 0 for other edits. Of two that
    open at one offset that of the longer expression comes first; of two that close, last.
    closes: it is the second of the two.
    """

    start: int
    end: int
    text: str
    around: int = 0
    closes: bool = False

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The place among all edits: what closes comes before what opens at the same offset."""
        if self.closes:
            return self.start, 0, self.around, self.end
        return self.start, 1, -self.around, self.end


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they are compatible."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.order):
        parts.append(text[done : edit.start])
        parts.append(edit.text)
        done = edit.end
    parts.append(text[done:])
    return "".join(parts)


class Taken:
    """Edits that are made together, none touching a character that another one replaces."""

    def __init__(self) -> None:
        self._all: set[Edit] = set()
        self._insertions: list[int] = []  # offsets, in order
        self._replaced: list[tuple[int, int]] = []  # ranges, in order; none overlap

    def take(self, edits: Iterable[Edit]) -> bool:
        """Take them all, or none when one of them does not go with what was taken before.

        Those that were taken already are no obstacle.
        """
        new = [edit for edit in edits if edit not in self._all]
        if not all(map(self._fits, new)):
            return False
        for edit in new:
            self._all.add(edit)
            if edit.start == edit.end:
                insort(self._insertions, edit.start)
            else:
                insort(self._replaced, (edit.start, edit.end))
        return True

    def _fits(self, edit: Edit) -> bool:
        """An insertion is lost only when what is round it is replaced."""
        behind = bisect_left(self._replaced, (edit.end, 0))
        if behind and edit.start < self._replaced[behind - 1][1]:
            return False  # the last range that begins before its end reaches into it
        if edit.start == edit.end:
            return True
        first = bisect_right(self._insertions, edit.start)
        return bisect_left(self._insertions, edit.end) <= first


def original_offset(edits: Iterable[Edit], offset: int) -> int:
    """Where an offset into the edited text lies in the text before; behind what was replaced."""
    moved = 0
    for edit in sorted(edits, key=lambda edit: edit.order):
        start = edit.start + moved
        if start + len(edit.text) > offset:
            return edit.end if offset > start else min(offset - moved, edit.start)
        moved += len(edit.text) - (edit.end - edit.start)
    return offset - moved
