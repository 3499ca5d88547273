"""A baseline holds what was known on the day it was written, and nothing that came later.

Invariant: a finding keeps its fingerprint while its line moves and its file's other lines change;
it gets a new one when the line itself, the function's name or the subject changes. Of equal
findings in one function each is counted: a second `time.time()` beside a known one is new.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from posixpath import relpath
from typing import NamedTuple

from durable_lint.model import Finding

__all__ = ["Baseline", "BaselineError", "Compared", "Fingerprint", "fingerprints"]

_VERSION = 1


class BaselineError(Exception):
    """A baseline that is not there or is none; the message says what to do."""


class Fingerprint(NamedTuple):
    """What makes a finding the same one later. path: relative to the project's root.

    text: hash of the source line without the blanks around it. occurrence: which one of those that
    are alike in all else, from 1, in the order of the lines.
    """

    path: str
    code: str
    function: str
    subject: str
    text: str
    occurrence: int

    def digest(self) -> str:
        """Sixteen hexadecimal digits, for formats that want one word."""
        return _hash("\0".join(map(str, self)))


class Compared(NamedTuple):
    """new: what the baseline does not hold. known: how many it holds. stale: entries of the files
    that were checked which match nothing any more.
    """

    new: list[Finding]
    known: int
    stale: int


Lines = Callable[[str, int], str | None]
"""The text of a line, by the path of its file and its number from 1; None or "" for none."""


def fingerprints(findings: Sequence[Finding], root: str, line: Lines) -> list[Fingerprint]:
    """The fingerprint of each finding, in the same order."""
    ordered = sorted(range(len(findings)), key=lambda index: findings[index][:3])
    counts: dict[tuple[str, ...], int] = {}
    found: dict[int, Fingerprint] = {}
    for index in ordered:
        finding = findings[index]
        text = (line(finding.path, finding.span.line) or "").strip()
        alike = (
            _relative(finding.path, root),
            finding.code,
            finding.function,
            finding.subject,
            _hash(text),
        )
        counts[alike] = counts.get(alike, 0) + 1
        found[index] = Fingerprint(*alike, counts[alike])
    return [found[index] for index in range(len(findings))]


class Baseline:
    """What is known. entries: fingerprints."""

    __slots__ = ("entries",)

    def __init__(self, entries: Iterable[Fingerprint]) -> None:
        self.entries = frozenset(entries)

    @classmethod
    def of(cls, findings: Sequence[Finding], root: str, line: Lines) -> "Baseline":
        """Everything that is found today."""
        return cls(fingerprints(findings, root, line))

    @classmethod
    def read(cls, path: str) -> "Baseline":
        """Raises: BaselineError when the file is not there, or holds something else."""
        import json

        try:
            with open(path, "rb") as file:
                content = json.loads(file.read())
        except FileNotFoundError:
            raise BaselineError(
                f"{path}: there is no such baseline; make it with --write-baseline"
            ) from None
        except OSError as error:
            raise BaselineError(f"{path}: cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise BaselineError(
                f"{path}: is not JSON ({error}); make it anew with --write-baseline"
            ) from None
        return cls(_entries(path, content))

    def write(self, path: str) -> None:
        """Write the file, whole or not at all; one line an entry, so that merges go well.

        Raises: BaselineError when it cannot be written.
        """
        import json

        lines = [
            json.dumps(dict(zip(Fingerprint._fields, entry, strict=True)))
            for entry in sorted(self.entries)
        ]
        body = ",\n  ".join(lines)
        text = f'{{"version": {_VERSION}, "findings": [\n  {body}\n]}}\n'
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(temporary, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(temporary, path)
        except OSError as error:
            raise BaselineError(f"{path}: cannot be written: {error.strerror}") from None

    def compare(
        self,
        findings: Sequence[Finding],
        root: str,
        line: Lines,
        checked: Callable[[str], bool] = lambda path: True,
        selects: Callable[[str], bool] = lambda code: True,
    ) -> Compared:
        """Tell what is new from what is known.

        findings: all of each file that was checked. checked: whether a file, by its absolute path,
        was: entries of the others say nothing today. selects: whether a code was looked for.
        """
        prints = fingerprints(findings, root, line)
        new = [
            finding
            for finding, print_ in zip(findings, prints, strict=True)
            if print_ not in self.entries
        ]
        left = self.entries.difference(prints)
        stale = sum(selects(entry.code) and checked(_absolute(entry.path, root)) for entry in left)
        return Compared(new, len(findings) - len(new), stale)


def _entries(path: str, content: object) -> Iterable[Fingerprint]:
    wrong = BaselineError(f"{path}: is no baseline; make it anew with --write-baseline")
    if not isinstance(content, dict) or not isinstance(content.get("findings"), list):
        raise wrong
    if content.get("version") != _VERSION:
        raise BaselineError(
            f"{path}: is a baseline of version {content.get('version')!r}, and this release reads "
            f"{_VERSION}: make it anew with --write-baseline"
        )
    found: list[Fingerprint] = []
    for entry in content["findings"]:
        if not isinstance(entry, dict) or set(entry) != set(Fingerprint._fields):
            raise wrong
        values = [entry[field] for field in Fingerprint._fields]
        if not all(isinstance(value, str) for value in values[:-1]) or type(values[-1]) is not int:
            raise wrong
        found.append(Fingerprint(*values))
    return found


def _relative(path: str, root: str) -> str:
    prefix = root.rstrip("/") + "/"
    return path[len(prefix) :] if path.startswith(prefix) else relpath(path, root)


def _absolute(path: str, root: str) -> str:
    from posixpath import join, normpath

    return normpath(join(root, path))


def _hash(text: str) -> str:
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
