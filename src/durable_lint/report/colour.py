"""Colours for a terminal. Invariant: without colours the text is the same, less the escapes."""

import os
from typing import Final, TextIO

__all__ = ["PLAIN", "TERMINAL", "Palette", "wants_colour"]


class Palette:
    """How each part of a report is painted; `codes` maps a role to the numbers of the escape."""

    __slots__ = ("_codes",)

    def __init__(self, codes: dict[str, str]) -> None:
        self._codes = codes

    def __call__(self, role: str, text: str) -> str:
        """Paint the text for the role, or leave it."""
        code = self._codes.get(role)
        return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


PLAIN: Final = Palette({})
TERMINAL: Final = Palette(
    {"path": "1", "code": "1;31", "fix": "36", "gutter": "2", "caret": "1;31", "chain": "2"}
    | {"good": "32", "bad": "31", "removed": "31", "added": "32", "hunk": "36"}
)


def wants_colour(choice: str, stream: TextIO) -> bool:
    """Whether to paint what goes to the stream.

    choice: `always`, `never`, or `auto`: when the stream is a terminal, unless NO_COLOR or a TERM
    of `dumb` forbids it; FORCE_COLOR demands it anywhere.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
