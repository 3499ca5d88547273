"""What a format is given. Invariant: it is complete, so that no format asks the analysis again.

On the path of every run, also of one that finds nothing new: no class here costs an import.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from durable_lint.model import Finding, Unresolved

__all__ = ["Outcome", "Sources", "in_order", "relative"]


class Sources:
    """Lines of files, read when a format shows one. A file that is gone has no lines.

    unsaved: contents that stand for those on disk, by path.
    """

    __slots__ = ("_lines", "_unsaved")

    def __init__(self, unsaved: Mapping[str, bytes] | None = None) -> None:
        self._unsaved = unsaved or {}
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """The line with this number, counted from 1, without its end; None when there is none."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, path: str) -> list[str]:
        data = self._unsaved.get(path)
        if data is None:
            try:
                with open(path, "rb") as file:
                    data = file.read()
            except OSError:
                return []
        # Lines as Python counts them: str.splitlines() also ends them at form feeds and others.
        return _text(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _text(data: bytes) -> str:
    """Decode a source file; what cannot be decoded is shown as well as it can be."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from tokenize import detect_encoding

        lines = iter(data.splitlines(keepends=True))
        try:
            encoding, _ = detect_encoding(lambda: next(lines, b""))
            text = data.decode(encoding, "replace")
        except (SyntaxError, LookupError):
            text = data.decode("utf-8", "replace")
    return text


class Outcome(NamedTuple):
    """All that one run has to say.

    findings: in the order of `in_order`. files: how many were looked at. reached: how many of them
    orchestrators reach. known: findings that the baseline holds, and that are not among `findings`.
    stale: entries of the baseline that match nothing any more. directory: paths are shown relative
    to it; absolute, with forward slashes. fixed: how many findings were mended. dialects: those
    that a project without orchestrators speaks though its settings name none, with the number of
    files.
    """

    findings: Sequence[Finding]
    files: int
    reached: int
    directory: str
    sources: Sources
    unresolved: Sequence[Unresolved] = ()
    errors: Sequence[str] = ()
    known: int = 0
    stale: int = 0
    fixed: int = 0
    dialects: Sequence[tuple[str, int]] = ()


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Sort by file, then by place, then by code, so that two runs say the same."""
    return sorted(findings, key=lambda one: (one.path, one.span, one.code, one.subject))


def relative(path: str, directory: str) -> str:
    """The path as seen from the directory, `../other/file.py` when it is outside of it."""
    if path.startswith(prefix := directory.rstrip("/") + "/"):
        return path[len(prefix) :]
    try:
        return os.path.relpath(path, directory).replace("\\", "/")
    except ValueError:  # another drive
        return path
