"""What `--fix` does to files, and what `--diff` says that it would do.

Invariant: a file is changed only from exactly what was checked. One that somebody saved meanwhile
is left as it is, and said; no file is ever half-written.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from difflib import diff_bytes, unified_diff
from typing import NamedTuple

from durable_lint.cli.arguments import Check
from durable_lint.cli.looking import look
from durable_lint.cli.output import print_bytes, tell, write_file
from durable_lint.cli.projects import Project
from durable_lint.cli.refusal import Refused
from durable_lint.cli.showing import show, summarise
from durable_lint.model import Finding
from durable_lint.report.colour import PLAIN, TERMINAL, Palette, wants_colour
from durable_lint.report.outcome import Outcome, in_order, relative
from durable_lint.report.text import render
from durable_lint.source import Source, SourceError

__all__ = ["mend"]


class _Mended(NamedTuple):
    """before, after: contents of what changes, by path. first, last: what was found at each end.

    fixed: the findings that are mended.
    """

    before: dict[str, bytes]
    after: dict[str, bytes]
    first: Outcome
    last: Outcome
    fixed: list[Finding]


def mend(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> Outcome:
    """Mend what can be mended, or show what would change; print what remains.

    Returns: what remains; with --diff, what there is now. Raises: Refused, ConfigError.
    """
    mended = _until_stable(there, unsaved, asked)
    if asked.diff:
        _print_difference(mended, asked)
        return mended.first
    if unsaved:
        for path, data in unsaved.items():
            print_bytes(mended.after.get(path, data))
        tell(render(mended.last))
        summarise(mended.last, asked, to_stdout=False)
        return mended.last
    last = _saved(mended)
    show(last, asked)
    return last


def _until_stable(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> _Mended:
    """Check and mend until nothing more can be mended; no file is written."""
    from durable_lint.fixing import fix_until_stable

    seen: list[Outcome] = []
    before: dict[str, bytes] = {}

    def check(contents: Mapping[str, bytes]) -> Sequence[Finding]:
        seen.append(look(there, {**unsaved, **contents}, asked))
        return seen[-1].findings

    def read(path: str) -> bytes:
        before[path] = unsaved[path] if path in unsaved else _content(path)
        return before[path]

    stable = fix_until_stable(check, read)
    last = seen[-1]._replace(fixed=len(stable.fixed))
    return _Mended(before, stable.changed, seen[0], last, stable.fixed)


def _content(path: str) -> bytes:
    try:
        return Source.read(path).data
    except SourceError as error:  # it was there a moment ago
        raise Refused(str(error)) from None


def _print_difference(mended: _Mended, asked: Check) -> None:
    paint = TERMINAL if wants_colour(asked.color, sys.stdout) else PLAIN
    directory = mended.first.directory
    for path in sorted(mended.after):
        shown = _difference(path, mended.before[path], mended.after[path], directory, paint)
        print_bytes(shown)
    remain = len(mended.last.findings)
    if not asked.quiet:
        noun = "finding" if mended.last.fixed == 1 else "findings"
        tell([f"{mended.last.fixed} {noun} would be mended, {remain} would remain."])


def _saved(mended: _Mended) -> Outcome:
    """Write what has changed. Returns: what remains, also in files that were not written.

    Raises: Refused when a file cannot be written; those before it, in order, are.
    """
    left: set[str] = set()
    for path, data in sorted(mended.after.items()):
        if _on_disk(path) == mended.before[path]:
            write_file(path, data)
        else:
            left.add(path)
    last = mended.last
    if not left:
        return last
    remaining = [finding for finding in last.findings if finding.path not in left]
    remaining += [finding for finding in mended.first.findings if finding.path in left]
    told = [
        f"{relative(path, last.directory)} was changed meanwhile, and is left as it is"
        for path in sorted(left)
    ]
    return last._replace(
        findings=in_order(remaining),
        errors=[*last.errors, *told],
        fixed=sum(finding.path not in left for finding in mended.fixed),
    )


def _on_disk(path: str) -> bytes | None:
    try:
        return Source.read(path).data
    except SourceError:
        return None


def _difference(path: str, before: bytes, after: bytes, directory: str, paint: Palette) -> bytes:
    """A unified diff, which `patch -p0` and `git apply -p0` take.

    In bytes: the lines of a file in another encoding fit only as they are.
    """
    shown = os.fsencode(relative(path, directory))
    lines = diff_bytes(unified_diff, _lines(before), _lines(after), shown, shown)
    return b"".join(_painted(line, paint) for line in lines)


def _lines(data: bytes) -> list[bytes]:
    """Lines with their ends, by line feeds alone, as patch has it."""
    parts = data.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _painted(line: bytes, paint: Palette) -> bytes:
    body = line.removesuffix(b"\n")
    end = b"\n" if body != line else b"\n\\ No newline at end of file\n"
    roles = {b"---": "path", b"+++": "path", b"@": "hunk", b"-": "removed", b"+": "added"}
    role = next((role for start, role in roles.items() if line.startswith(start)), "")
    before, _, after = paint(role, "\0").partition("\0")
    return before.encode() + body + after.encode() + end
