"""Text is changed at places only: what lies between two edits is kept character by character.

Invariant: edits that are applied together do not overlap. So comments, line ends, tabs and whatever
else nobody asked about stay as they are.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from durable_lint.model import Span

__all__ = ["Edit", "TextEdit", "applied", "compatible", "original_offset"]


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


def compatible(edits: Iterable[Edit], others: Sequence[Edit]) -> bool:
    """Whether none of the first touches a character that one of the others replaces."""
    return not any(_overlap(edit, other) for edit in edits for other in others)


def _overlap(edit: Edit, other: Edit) -> bool:
    if edit.start == edit.end or other.start == other.end:
        # An insertion is lost only when what is round it is replaced.
        inside = edit.start < other.start < edit.end or other.start < edit.start < other.end
        return inside or edit == other
    return edit.start < other.end and other.start < edit.end


def original_offset(edits: Iterable[Edit], offset: int) -> int:
    """Where an offset into the edited text lies in the text before; behind what was replaced."""
    moved = 0
    for edit in sorted(edits, key=lambda edit: edit.order):
        start = edit.start + moved
        if start + len(edit.text) > offset:
            return edit.end if offset > start else min(offset - moved, edit.start)
        moved += len(edit.text) - (edit.end - edit.start)
    return offset - moved
