"""A place is a file together with a piece of it, and the function that holds the piece.

Invariant: what says where something stands says it whole. A call that was made in one file may be
lost in another, and a list may take the order of a set in a third: a span that travels without its
file would point into whichever file is being read when it arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from durable_lint.model import Span

if TYPE_CHECKING:
    from durable_lint.reach.scopes import Function

__all__ = ["Place"]


class Place(NamedTuple):
    """Where something stands.

    path: of the file. function: the innermost one that holds the piece, None at the level of a
    module or class.
    """

    path: str
    span: Span
    function: Function | None = None

    @property
    def qualname(self) -> str:
        """Of the function, `<module>` outside of any."""
        return "<module>" if self.function is None else self.function.qualname
