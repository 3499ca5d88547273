"""No file, directory or link makes a check fail: what cannot be read is said, the rest checked."""

import os
from pathlib import Path

import pytest

from durable_lint import api, config
from durable_lint.model import Finding

FLOW = """\
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    time.time()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one orchestrator that reads the clock."""
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n", encoding="utf-8")
    (tmp_path / "flow.py").write_text(FLOW, encoding="utf-8")
    return tmp_path


def _check(project: Path, *paths: Path) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in api.check(paths or [project], config.load(project)).findings:
        found.setdefault(Path(finding.path).name, []).append(finding)
    return found


def _codes(project: Path) -> dict[str, list[str]]:
    return {name: [f.code for f in found] for name, found in _check(project).items()}


READABLE = {
    "a byte order mark": b"\xef\xbb\xbf" + FLOW.encode(),
    "latin-1 by its comment": b"# -*- coding: latin-1 -*-\n# \xe9\xfc\n" + FLOW.encode(),
    "windows line ends": FLOW.replace("\n", "\r\n").encode(),
    "old line ends": FLOW.replace("\n", "\r").encode(),
    "mixed line ends": FLOW.replace("\n", "\r\n", 2).replace("\n\n", "\r\n").encode(),
    "form feeds": FLOW.replace("\n\n", "\n\x0c\n").encode(),
    "tabs": FLOW.replace("    ", "\t").encode(),
    "no line end": FLOW.rstrip().encode(),
    "other scripts": FLOW.replace("flow", "流れ").replace("n:", "número:").encode(),
    "odd blanks in a text": ('X = "\u2028\u0085\x0b\x1c"\n' + FLOW).encode(),
    "a newer syntax": b"type Pair[T] = tuple[T, T]\n" + FLOW.encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_the_clock_is_found_in_a_file_with(project: Path, name: str) -> None:
    (project / "flow.py").write_bytes(READABLE[name])
    found = _check(project)["flow.py"]
    assert [finding.code for finding in found] == ["DUR101"]
    text = READABLE[name].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert b"time.time()" in text[found[0].span.line - 1]


UNREADABLE = {
    "null bytes": b"import durable_async\nx = 1\x00\n",
    "utf-16": FLOW.encode("utf-16"),
    "latin-1 without a comment": b"import durable_async\n# \xe9\n",
    "a codec that nobody has": b"# coding: klingon\nimport durable_async\n",
    "a codec that makes no text": b"# coding: hex\nimport durable_async\n",
    "half a character": b"import durable_async\nx = '\xf0\x9f'\n",
    "no Python": b"<?php durable_async ?>\n",
    "brackets without an end": b"import durable_async\n" + b"(" * 5000,
    "bytes by chance": bytes(range(256)) * 4 + b"durable_async",
    "a stray indent": b"import durable_async\n  x = 1\n",
    "half a statement": b"import durable_async\nasync def\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_one_finding_says_what_is_wrong_with_a_file_of(project: Path, name: str) -> None:
    (project / "odd.py").write_bytes(UNREADABLE[name])
    found = _check(project)
    assert [finding.code for finding in found["odd.py"]] == ["DUR000"]
    assert "\n" not in found["odd.py"][0].message
    assert [finding.code for finding in found["flow.py"]] == ["DUR101"]


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_helper_that_cannot_be_read_is_no_reason_to_stop(project: Path, name: str) -> None:
    (project / "odd.py").write_bytes(UNREADABLE[name])
    (project / "flow.py").write_text(
        FLOW.replace("import time\n", "import time\nimport odd\nfrom odd import x\n")
        + "    odd.y()\n    x()\n",
        encoding="utf-8",
    )
    assert _codes(project) == {"flow.py": ["DUR101"], "odd.py": ["DUR000"]}


def test_empty_files_have_nothing_to_be_found(project: Path) -> None:
    for name, data in {
        "a.py": b"",
        "b.py": b"\n" * 9,
        "c.py": b"\xef\xbb\xbf",
        "d.py": b"#",
    }.items():
        (project / name).write_bytes(data)
    assert _codes(project) == {"flow.py": ["DUR101"]}


def test_links_in_a_circle_are_walked_once(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "up").symlink_to(project, target_is_directory=True)
    (project / "itself").symlink_to(project / "itself")
    (project / "itself.py").symlink_to(project / "itself.py")
    (project / "gone.py").symlink_to(project / "nowhere.py")
    found = _codes(project)
    assert found.pop("flow.py") == ["DUR101"]
    assert all(codes == ["DUR000"] for codes in found.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(project: Path) -> None:
    secret = project / "secret.py"
    secret.write_text("import durable_async\n", encoding="utf-8")
    closed = project / "closed"
    closed.mkdir()
    secret.chmod(0)
    closed.chmod(0)
    try:
        report = api.check([project], config.load(project))
    finally:
        closed.chmod(0o700)
    assert {(Path(f.path).name, f.code) for f in report.findings} == {
        ("flow.py", "DUR101"),
        ("secret.py", "DUR000"),
    }
    assert any("closed" in error for error in report.errors)


def test_what_is_no_file_is_passed_over(project: Path) -> None:
    (project / "folder.py").mkdir()
    os.mkfifo(project / "pipe.py")
    found = _codes(project)
    assert found.pop("flow.py") == ["DUR101"]
    assert all(codes == ["DUR000"] for codes in found.values())


def test_names_that_are_no_identifiers_are_names_of_files(project: Path) -> None:
    for name in ("my-flow.py", "1.py", "a b.py", "class.py", "ünï.py", "x.y.py", "'.py", "\n.py"):
        (project / name).write_text(FLOW, encoding="utf-8")
    folder = project / "has-dash.d" / "2nd"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "inner.py").write_text(FLOW, encoding="utf-8")
    found = _check(project)
    assert len(found) == 10
    assert all("DUR101" in [f.code for f in of_file] for of_file in found.values())


def test_a_file_that_vanishes_while_it_is_checked_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = project / "helper.py"
    helper.write_text("import durable_async\n", encoding="utf-8")
    walk = api.walk

    def walk_and_lose(*args: object) -> object:
        found = walk(*args)  # type: ignore[arg-type]
        helper.unlink()
        return found

    monkeypatch.setattr(api, "walk", walk_and_lose)
    found = _codes(project)
    assert found.pop("flow.py") == ["DUR101"]
    assert set(found) <= {"helper.py"}


def test_a_helper_that_vanishes_before_it_is_read_is_unknown(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "helper.py").write_text("def x():\n    pass\n", encoding="utf-8")
    (project / "flow.py").write_text(
        FLOW.replace("import time\n", "import time\nimport helper\n") + "    helper.x()\n",
        encoding="utf-8",
    )
    walk = api.walk

    def walk_and_lose(*args: object) -> object:
        found = walk(*args)  # type: ignore[arg-type]
        (project / "helper.py").unlink()
        return found

    monkeypatch.setattr(api, "walk", walk_and_lose)
    assert _codes(project)["flow.py"] == ["DUR101"]


def test_modules_that_import_each_other_in_a_circle_are_read_once(project: Path) -> None:
    for place in range(6):
        (project / f"m{place}.py").write_text(
            f"import time\nfrom m{(place + 1) % 6} import *\n"
            f"import m{(place + 2) % 6} as other\n\n\n"
            f"class C{place}(other.C{(place + 2) % 6}):\n    pass\n\n\n"
            f"def f{place}():\n    other.f{(place + 2) % 6}()\n    return f{(place + 1) % 6}()\n",
            encoding="utf-8",
        )
    with (project / "m5.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef now():\n    return time.time()\n")
    (project / "flow.py").write_text(
        FLOW.replace("import time\n", "from m0 import *\n").replace(
            "time.time()", "f0()\n    C0()\n    now()"
        ),
        encoding="utf-8",
    )
    assert _codes(project) == {"m5.py": ["DUR101"]}


def test_code_that_is_nested_too_deeply_is_a_finding_of_its_own(project: Path) -> None:
    deep = FLOW.replace("time.time()", "return " + " + ".join(["n"] * 9000))
    (project / "deep.py").write_text(deep, encoding="utf-8")
    found = _check(project)
    assert [f.code for f in found["flow.py"]] == ["DUR101"]
    assert [f.code for f in found["deep.py"]] == ["DUR000"]
    assert "nested too deeply" in found["deep.py"][0].message
