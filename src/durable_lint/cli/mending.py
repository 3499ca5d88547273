"""What `--fix` does to files, and what `--diff` says that it would do.

Invariant: a file is changed only from exactly what was checked. One that somebody saved meanwhile
is left as it is, and said; no file is ever half-written.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from difflib import diff_bytes, unified_diff
from importlib.util import find_spec
from typing import Final, NamedTuple

from durable_lint.cli.arguments import Check
from durable_lint.cli.looking import look
from durable_lint.cli.output import print_bytes, tell, write_file
from durable_lint.cli.projects import Project
from durable_lint.cli.refusal import Refused
from durable_lint.cli.showing import show, summarise
from durable_lint.model import Finding
from durable_lint.report.colour import PLAIN, TERMINAL, Palette, wants_colour
from durable_lint.report.outcome import Outcome, relative
from durable_lint.report.text import render
from durable_lint.source import Source, SourceError

__all__ = ["mend"]

# One fix may uncover another; each round mends at least one finding, and none adds one.
_ROUNDS: Final = 20


class _Mended(NamedTuple):
    """before, after: contents of what changes, by path. first, last: what was found at each end."""

    before: dict[str, bytes]
    after: dict[str, bytes]
    first: Outcome
    last: Outcome


def mend(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> Outcome:
    """Mend what can be mended, or show what would change; print what remains.

    Returns: what remains; with --diff, what there is now. Raises: Refused, ConfigError.
    """
    if find_spec("libcst") is None:
        raise Refused("to change code takes libcst: pip install 'durable-async[lint]'")
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
    last = mended.last
    for path in _save(mended):
        where = relative(path, last.directory)
        error = f"{where} was changed meanwhile, and is left as it is: run --fix again"
        last = last._replace(errors=[*last.errors, error])
    show(last, asked)
    return last


def _until_stable(there: Sequence[Project], unsaved: Mapping[str, bytes], asked: Check) -> _Mended:
    """Check and mend until nothing more can be mended; no file is written."""
    contents = dict(unsaved)
    before: dict[str, bytes] = {}
    first = last = look(there, contents, asked)
    fixed = 0
    for _ in range(_ROUNDS):
        mended = _mend_once(last, contents, before)
        if not mended:
            break
        fixed += mended
        last = look(there, contents, asked)
    after = {path: contents[path] for path in before if contents[path] != before[path]}
    return _Mended(before, after, first, last._replace(fixed=fixed))


def _mend_once(seen: Outcome, contents: dict[str, bytes], before: dict[str, bytes]) -> int:
    """Mend each file once, in `contents`. Returns: how many findings were mended."""
    from durable_lint.fixing import fix

    by_path: dict[str, list[Finding]] = {}
    for finding in seen.findings:
        if finding.fixable:
            by_path.setdefault(finding.path, []).append(finding)
    mended = 0
    for path, findings in by_path.items():
        data = contents[path] if path in contents else Source.read(path).data
        fixed = fix(data, findings)
        if fixed.data != data:
            before.setdefault(path, data)
            contents[path] = fixed.data
            mended += len(fixed.fixed)
    return mended


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


def _save(mended: _Mended) -> list[str]:
    """Write what has changed. Returns: the files that somebody else changed meanwhile.

    Raises: Refused when a file cannot be written; those before it, in order, are.
    """
    changed_meanwhile: list[str] = []
    for path, data in sorted(mended.after.items()):
        if _on_disk(path) != mended.before[path]:
            changed_meanwhile.append(path)
        else:
            write_file(path, data)
    return changed_meanwhile


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
