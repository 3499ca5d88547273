"""What the rules' examples claim is what the checker does: each is a project of its own.

An example breaks no other rule either, unless it marks it: what a page shows as good is good.
"""

from pathlib import Path

import pytest

from durable_lint import fixing
from durable_lint.api import check
from durable_lint.config import load
from durable_lint.model import Finding
from durable_lint.rule import Example, ExampleFile, Rule
from durable_lint.rules import RULES


def cases(kinds: tuple[str, ...]) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.code}-{kind}-{number}")
        for rule in RULES
        for kind in kinds
        for number, example in enumerate(getattr(rule, kind))
    ]


def project(folder: Path, example: Example) -> Path:
    """The example as files, with its settings; the folder."""
    settings = f"[tool.durable-lint]\n{example.settings}\n"
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    for file in example.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder


def findings(folder: Path) -> list[Finding]:
    return list(check([str(folder)], load(folder)).findings)


def place(folder: Path, finding: Finding) -> tuple[str, int, str]:
    path = Path(finding.path).relative_to(folder.resolve()).as_posix()
    return path, finding.span.line, finding.code


def claimed(rule: Rule, files: tuple[ExampleFile, ...]) -> set[tuple[str, int, str]]:
    return {(file.path, line, rule.code) for file in files for line in file.findings}


@pytest.mark.parametrize(("rule", "example"), cases(("valid", "invalid")))
def test_an_example_is_reported_at_its_marks_and_nowhere_else(
    rule: Rule, example: Example, tmp_path: Path
) -> None:
    found = findings(project(tmp_path, example))
    told = "\n".join(f"{place(tmp_path, finding)}: {finding.message}" for finding in found)
    assert {place(tmp_path, finding) for finding in found} == claimed(rule, example.files), (
        f"{example.title}\n{told}\n{example.marked}"
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_before_breaks_the_rule_and_after_breaks_none(rule: Rule, tmp_path: Path) -> None:
    settings = "" if rule.default else f'extend-select = ["{rule.code}"]'
    for number, (code, wanted) in enumerate([(rule.before, {rule.code}), (rule.after, set())]):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = findings(project(folder, Example("", code, settings=settings)))
        assert {finding.code for finding in found} == wanted, found


@pytest.mark.parametrize(("rule", "example"), cases(("invalid",)))
def test_fix_makes_of_an_example_what_it_shows(
    rule: Rule, example: Example, tmp_path: Path
) -> None:
    """And an example that shows nothing has nothing that could be mended."""
    found = findings(project(tmp_path, example))
    assert any(finding.fixable for finding in found) is (example.fixed is not None), [
        finding.message for finding in found if finding.fixable
    ]
    mended = {file.path: file.text for file in example.fixed_files or example.files}
    assert fixed(tmp_path) == mended


def fixed(folder: Path) -> dict[str, str]:
    """The text of each file after fixing everything, until there is nothing left to fix."""
    if not hasattr(fixing, "fix"):
        pytest.skip("fixes are not there yet")
    for _ in range(10):
        by_path: dict[str, list[Finding]] = {}
        for finding in findings(folder):
            if finding.fixable:
                by_path.setdefault(finding.path, []).append(finding)
        if not by_path:
            break
        for path, mendable in by_path.items():
            file = Path(path)
            file.write_bytes(fixing.fix(file.read_bytes(), mendable).data)
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }
