"""Fixing until there is nothing left to fix. Invariant: it ends, and a file comes back never twice.

One fix may uncover another: an `await` that is added makes a loop over a set matter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from durable_lint.fixing.fix import fix
from durable_lint.model import Finding

__all__ = ["Stable", "fix_until_stable"]

_ROUNDS: Final = 50


class Stable(NamedTuple):
    """changed: the contents of files that are different now, by path. fixed: what was mended.

    remaining: what the last check found. A file with a finding that its fix did not take away is
    mended no further after that.
    """

    changed: dict[str, bytes]
    fixed: list[Finding]
    remaining: Sequence[Finding]


def fix_until_stable(
    check: Callable[[Mapping[str, bytes]], Sequence[Finding]], read: Callable[[str], bytes]
) -> Stable:
    """Check and fix until a check finds nothing that can be fixed; no file is written.

    check: finds what there is, given the contents that stand for those on disk. read: the content
    of a file as it is on disk.
    """
    before: dict[str, bytes] = {}
    contents: dict[str, bytes] = {}
    seen: set[tuple[str, bytes]] = set()
    fixed: list[Finding] = []
    findings = check(contents)
    for _ in range(_ROUNDS):
        mended = 0
        for path, of_file in _by_path(findings).items():
            data = contents[path] if path in contents else read(path)
            after = fix(data, of_file)
            if after.data == data or (path, after.data) in seen:
                continue
            before.setdefault(path, data)
            seen.update({(path, data), (path, after.data)})
            contents[path] = after.data
            fixed += after.fixed
            mended += len(after.fixed)
        if not mended:
            break
        findings = check(contents)
    changed = {path: data for path, data in contents.items() if data != before[path]}
    return Stable(changed, fixed, findings)


def _by_path(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fixable:
            by_path.setdefault(finding.path, []).append(finding)
    return by_path
