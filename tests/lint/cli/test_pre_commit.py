"""The hooks do in somebody else's repository what they promise, installed as pre-commit does it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
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
import time


def stamp() -> float:
    return time.time()


def not_reached() -> float:
    return time.time()
"""
CONFIG = """\
repos:
  - repo: {clone}
    rev: {revision}
    hooks:
      - id: {hook}
"""


def git(folder: Path, *words: str) -> str:
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    done = subprocess.run(
        ["git", *name, *words], cwd=folder, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> str:
    """Commit all that is in the folder. Returns: the commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository with this project as it is now, for pre-commit to install from."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    return folder, repository(folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installed, for all tests of this module."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "flows.py").write_text(FLOWS)
    (tmp_path / "helpers.py").write_text(HELPERS)
    repository(tmp_path)
    return tmp_path


def hooked(
    shop: Path, hook: str, clone: tuple[Path, str], home: Path, *files: str
) -> tuple[int, str]:
    """Run one hook over these files, or over all. Returns: exit code, and what was printed."""
    where, revision = clone
    (shop / ".pre-commit-config.yaml").write_text(
        CONFIG.format(clone=where, revision=revision, hook=hook)
    )
    git(shop, "add", "--all")
    asked = ["--files", *files] if files else ["--all-files"]
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color=never", *asked],
        cwd=shop,
        env={**os.environ, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_documented_set_up_reports_each_finding_once() -> None:
    """Both hooks report what remains: together they would say everything twice."""
    page = (ROOT / "docs" / "howto" / "check-for-non-determinism.md").read_text()
    (block,) = re.findall(r"^```yaml\n(repos:.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert re.findall(r"- id: ([\w-]+)", block) == ["durable-lint-fix"]
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"^- id: ([\w-]+)", hooks, re.MULTILINE) == [
        "durable-lint",
        "durable-lint-fix",
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hook_reports_in_the_changed_file_what_an_orchestrator_elsewhere_reaches(
    shop: Path, clone: tuple[Path, str], home: Path
) -> None:
    code, printed = hooked(shop, "durable-lint", clone, home, "helpers.py")
    assert code == 1, printed
    assert "helpers.py:5:12: DUR101" in printed
    assert "reached from checkout (flows.py:10)" in printed
    assert "flows.py:9" not in printed  # it did not change
    assert "helpers.py:9" not in printed  # nothing reaches it


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_hook_that_mends_changes_the_files_and_is_content_the_second_time(
    shop: Path, clone: tuple[Path, str], home: Path
) -> None:
    code, printed = hooked(shop, "durable-lint-fix", clone, home)
    assert code == 1, printed
    assert "files were modified by this hook" in printed
    assert "datetime.now" not in (shop / "flows.py").read_text()
    code, printed = hooked(shop, "durable-lint-fix", clone, home)
    assert code == 0, printed
    code, printed = hooked(shop, "durable-lint", clone, home)
    assert code == 0, printed
