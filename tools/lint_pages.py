"""Run durable-lint over the Python of README and docs, each page as one module.

A page's blocks stand in the module at the lines where they stand in the page, so that a finding
names the page's own line. Blocks that show what not to do are fenced as `py`, and are left out.

    python tools/lint_pages.py
"""

import os
import re
import sys
import tempfile
from pathlib import Path

from durable_lint.cli import main as durable_lint

ROOT = Path(__file__).parents[1]
SETTINGS = """\
[tool.durable-lint.per-file-ignores]
"docs_howto_guard_and_watchdog.py" = ["DUR122"]  # what the guard stops when it runs
"docs_howto_change_running_code.py" = ["DUR152"]  # one orchestrator before and after a change
"docs_tutorial.py" = ["DUR132", "DUR152"]  # the reader's own shop.py, which grows
"""
_FENCE = re.compile(r"^( *)```(\w*)")


def python_of(text: str) -> str:
    """The Python blocks of a page, every other line blank."""
    lines: list[str] = []
    indent = 0
    inside = ""
    for line in text.split("\n"):
        fence = _FENCE.match(line)
        if fence:
            inside = "" if inside else fence[2] or "text"
            indent = len(fence[1])
            lines.append("")
        else:
            lines.append(line[indent:] if inside == "python" else "")
    return "\n".join(lines)


def pages() -> list[Path]:
    """README and the pages of docs, but for the pages of the rules, which show what they find."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    left_out = {ROOT / "docs" / "rules", ROOT / "docs" / "_build"}
    return [page for page in found if not left_out & set(page.parents)]


def main() -> int:
    """Check all pages. Gives what `durable-lint check` gives."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
        for page in pages():
            code = python_of(page.read_text(encoding="utf-8"))
            if code.strip():
                name = "_".join(page.relative_to(ROOT).with_suffix("").parts).replace("-", "_")
                (folder / f"{name}.py").write_text(code, encoding="utf-8")
        os.chdir(folder)
        return durable_lint(["check", "--no-cache", "."])


if __name__ == "__main__":
    sys.exit(main())
