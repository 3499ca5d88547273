"""A glob says which files are meant; the same path gets the same answer on every system.

Paths are relative to the project, with forward slashes. A pattern without a slash is the name of a
file or directory anywhere; one with a slash starts at the project's root. What matches a directory
matches all that is in it. `*` and `?` stay within one name, `**` does not.
"""

import re
from collections.abc import Iterable

__all__ = ["Globs"]


class Globs:
    """Several patterns, asked as one. Raises: ValueError for an empty pattern."""

    __slots__ = ("_match", "patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        expression = "|".join(_expression(pattern) for pattern in self.patterns)
        self._match = re.compile(f"(?:{expression})(?:/.*)?", re.DOTALL).fullmatch

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def matches(self, path: str) -> bool:
        """Whether some pattern is for this path, or for a directory above it."""
        return bool(self.patterns) and self._match(path) is not None


def _expression(pattern: str) -> str:
    text = pattern.replace("\\", "/").removeprefix("./").rstrip("/")
    if not text:
        raise ValueError(f"the pattern {pattern!r} is empty")
    anchored = "/" in text
    parts = text.removeprefix("/").split("/")
    pieces: list[str] = [] if anchored else ["(?:.*/)?"]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            pieces.append(".+" if last else "(?:.*/)?")
        else:
            pieces.append(_name(part) + ("" if last else "/"))
    return "".join(pieces)


def _name(part: str) -> str:
    """One name of a path, with its `*`, `?` and `[...]`."""
    found: list[str] = []
    index = 0
    while index < len(part):
        char = part[index]
        index += 1
        if char == "*":
            found.append("[^/]*")
        elif char == "?":
            found.append("[^/]")
        elif char == "[" and (end := part.find("]", index + 1)) > 0:
            content = part[index:end].replace("\\", "\\\\").replace("[", "\\[")
            negated = content.startswith("!")
            found.append(f"(?!/)[{'^' if negated else ''}{content[negated:]}]")
            index = end + 1
        else:
            found.append(re.escape(char))
    return "".join(found)
