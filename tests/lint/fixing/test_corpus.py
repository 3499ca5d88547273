"""Real programs, mended to the end: only lines with findings and imports change, nothing breaks."""

import ast
import shutil
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from durable_lint import api
from durable_lint.config import Config, load
from durable_lint.fixing import fix, fix_until_stable
from durable_lint.model import Finding
from durable_lint.source import Source

CORPUS = Path(__file__).parents[1] / "corpus"
CASES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
# What an `await` that was missing makes visible: a loop over a set now issues commands, a handler
# now catches a cancellation, an endless loop now waits.
UNCOVERED = {"DUR134", "DUR135", "DUR151"}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / request.param
    shutil.copytree(CORPUS / request.param, folder)
    if not (folder / "pyproject.toml").exists():
        (folder / "pyproject.toml").write_text("[tool.durable-lint]\n")
    return folder


def test_a_program_is_mended_until_nothing_more_can_be(case: Path) -> None:
    settings = load(case)
    first = found = check(case, settings)
    rounds = 0
    while fixable := by_path(found):
        for path, findings in fixable.items():
            before = Path(path).read_bytes()
            fixed = fix(before, findings)
            assert fixed.fixed, findings
            only_those_lines_changed(path, before, fixed.data, findings)
            Path(path).write_bytes(fixed.data)
        found = check(case, settings)
        rounds += 1
        assert rounds < 6, [finding for finding in found if finding.fixable]
    new = Counter(map(identity, found)) - Counter(map(identity, first))
    assert {code for _, code, _, _ in new} <= UNCOVERED
    stable = fix_until_stable(lambda contents: check(case, settings), lambda path: b"")
    assert (stable.changed, stable.fixed) == ({}, [])


def check(case: Path, settings: Config) -> tuple[Finding, ...]:
    return api.check([case], settings).findings


def by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fixable:
            found.setdefault(finding.path, []).append(finding)
    return found


def identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.path, finding.code, finding.function, finding.subject


def only_those_lines_changed(
    path: str, before: bytes, after: bytes, findings: list[Finding]
) -> None:
    old, new = Source(path, before), Source(path, after)
    touched = {
        line for each in findings for line in range(each.span.line, each.span.end_line + 1)
    } | imports(old.tree)
    if any(each.code == "DUR135" for each in findings):
        touched |= {node.lineno for node in ast.walk(old.tree) if isinstance(node, ast.Pass)}
    changed, added = differences(old.lines, new.lines)
    assert {line for line in changed if old.line(line).strip()} <= touched
    kept_free = imports(new.tree)
    for line in added:
        text = new.line(line).strip()
        assert not text or text == "raise" or line in kept_free, new.line(line)


def differences(old: list[str], new: list[str]) -> tuple[set[int], set[int]]:
    """Old lines that are not there any more, and new ones beyond those that took their place."""
    changed: set[int] = set()
    added: set[int] = set()
    for what, start, end, first, last in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if what in {"replace", "delete"}:
            changed.update(range(start + 1, end + 1))
        if what == "insert":
            added.update(range(first + 1, last + 1))
    return changed, added


def imports(tree: ast.Module) -> set[int]:
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
