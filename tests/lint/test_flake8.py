"""The findings of durable-lint among those of flake8, run as its users run it."""

import subprocess
import sys
from pathlib import Path

import pytest

FLOWS = """\
from datetime import UTC, datetime

import durable_async as da
from helpers import stamp


@da.orchestrator
async def checkout(order: str) -> str:
    started = datetime.now(UTC)
    return f"{order} {started} {stamp()}"
"""
HELPERS = """\
import uuid


def stamp() -> str:
    return str(uuid.uuid4())


def quiet() -> str:
    return str(uuid.uuid4())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    (tmp_path / ".flake8").write_text("[flake8]\n")
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "helpers.py").write_text(HELPERS)
    return tmp_path


def flake8(project: Path, *words: str, typed: str = "") -> tuple[int, list[str]]:
    """Exit code, and each finding up to the end of its code."""
    done = subprocess.run(
        [sys.executable, "-m", "flake8", *words],
        cwd=project,
        input=typed,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
    return done.returncode, [" ".join(line.split()[:2]) for line in done.stdout.splitlines()]


def test_findings_stand_among_those_of_flake8_with_their_reach(project: Path) -> None:
    (project / "flows.py").write_text(FLOWS + "x=1\n")
    assert flake8(project) == (
        1,
        [
            "./flows.py:9:15: DUR101",
            "./flows.py:11:2: E225",
            "./helpers.py:5:16: DUR112",
        ],
    )


def test_one_file_is_checked_against_the_project_around_it(project: Path) -> None:
    assert flake8(project, "helpers.py") == (1, ["helpers.py:5:16: DUR112"])


def test_selection_and_comments_of_flake8_count(project: Path) -> None:
    assert flake8(project, "--extend-ignore", "DUR112") == (1, ["./flows.py:9:15: DUR101"])
    assert flake8(project, "--select", "E") == (0, [])
    lines = HELPERS.splitlines()
    lines[4] += "  # noqa: DUR112"
    (project / "helpers.py").write_text("\n".join(lines) + "\n")
    assert flake8(project, "helpers.py") == (0, [])


def test_settings_of_durable_lint_count(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR101"]\n')
    assert flake8(project) == (1, ["./helpers.py:5:16: DUR112"])


def test_standard_input_stands_for_the_file_that_is_named(project: Path) -> None:
    typed = "# one line more\n" + HELPERS
    name = ["--stdin-display-name", "helpers.py", "-"]
    assert flake8(project, *name, typed=typed) == (1, ["helpers.py:6:16: DUR112"])
    assert flake8(project, "-", typed=FLOWS) == (0, [])


def test_a_syntax_error_is_said_once(project: Path) -> None:
    (project / "broken.py").write_text("def f(:\n    pass\n")
    code, found = flake8(project, "broken.py")
    assert code == 1
    assert [line.split()[1] for line in found] == ["E999"]
