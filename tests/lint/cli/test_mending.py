"""What `--fix` does to files, and what `--diff` shows instead.

What a finding is mended to is not told here: a stand-in puts `da.uuid4()` for `uuid.uuid4()`.
"""

import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from durable_lint.cli import main
from durable_lint.fixing import stable
from durable_lint.model import Finding

MENDED = "    return str(da.uuid4())"


class Fixed(NamedTuple):
    data: bytes
    fixed: list[Finding]


def mend(source: bytes, findings: Sequence[Finding]) -> Fixed:
    """Mend one finding of DUR112 at a time, so that it takes several rounds."""
    wanted = [finding for finding in findings if finding.code == "DUR112"]
    if not wanted:
        return Fixed(source, [])
    lines = source.split(b"\n")
    number = wanted[0].span.line - 1
    lines[number] = lines[number].replace(b"uuid.uuid4()", b"da.uuid4()", 1)
    text = b"\n".join(lines)
    if b"import durable_async as da" not in text:
        text = text.replace(b"import uuid", b"import uuid\nimport durable_async as da", 1)
    return Fixed(text, wanted[:1])


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stable, "fix", mend)


@pytest.fixture
def helpers(project: Path) -> Path:
    return project / "shop" / "helpers.py"


def test_what_can_be_mended_is_and_the_rest_is_shown(
    helpers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--fix"]) == 1
    printed = capsys.readouterr()
    assert MENDED in helpers.read_text()
    assert "DUR112" not in printed.out
    assert "shop/flows.py:10:15: DUR101" in printed.out
    assert "1 finding mended." in printed.out


def test_code_that_no_orchestrator_reaches_is_left_alone(helpers: Path) -> None:
    main(["check", "--fix"])
    assert helpers.read_text().count("uuid.uuid4()") == 1


def test_when_nothing_remains_it_ends_with_0(
    helpers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--fix", "--select", "DUR112"]) == 0
    assert main(["check", "--fix", "--select", "DUR112"]) == 0
    assert "mended" not in capsys.readouterr().out.splitlines()[-1]


def test_findings_are_mended_until_nothing_more_can_be(helpers: Path) -> None:
    helpers.write_text(
        "import uuid\n\n\ndef stamp() -> str:\n    one = uuid.uuid4()\n    two = uuid.uuid4()\n"
        "    return f'{one} {two} {uuid.uuid4()}'\n"
    )
    assert main(["check", "--fix", "--select", "DUR112"]) == 0
    assert helpers.read_text().count("da.uuid4()") == 3


def test_mending_that_never_ends_is_ended(helpers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(source: bytes, findings: Sequence[Finding]) -> Fixed:
        return Fixed(source + b"#\n", list(findings))

    monkeypatch.setattr(stable, "fix", never)
    assert main(["check", "--fix", "--select", "DUR112"]) == 1


def test_what_a_baseline_holds_is_not_mended(helpers: Path) -> None:
    before = helpers.read_text()
    main(["check", "--write-baseline", "--baseline", "known.json"])
    assert main(["check", "--fix", "--baseline", "known.json"]) == 0
    assert helpers.read_text() == before


def test_only_what_was_asked_about_is_mended(helpers: Path) -> None:
    before = helpers.read_text()
    main(["check", "--fix", "shop/flows.py"])
    assert helpers.read_text() == before


def test_a_file_that_somebody_saved_meanwhile_is_left_as_it_is(
    helpers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def slow(source: bytes, findings: Sequence[Finding]) -> Fixed:
        helpers.write_bytes(source + b"# saved meanwhile\n")
        return mend(source, findings)

    monkeypatch.setattr(stable, "fix", slow)
    assert main(["check", "--fix", "--select", "DUR112"]) == 1
    assert helpers.read_text().endswith("# saved meanwhile\n")
    assert MENDED not in helpers.read_text()
    printed = capsys.readouterr()
    assert "shop/helpers.py was changed meanwhile" in printed.err
    assert "shop/helpers.py:5:16: DUR112" in printed.out
    assert "mended" not in printed.out


def test_a_file_that_cannot_be_written_is_said_to_be_so(
    helpers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    before = helpers.read_text()
    assert main(["check", "--fix", "--no-cache"]) == 2
    assert "helpers.py cannot be written: No space left on device" in capsys.readouterr().err
    assert helpers.read_text() == before
    assert {file.name for file in helpers.parent.iterdir()} == {
        "__init__.py",
        "flows.py",
        "helpers.py",
    }


def test_a_file_that_goes_meanwhile_is_said_to_be_gone(
    helpers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(source: bytes, findings: Sequence[Finding]) -> Fixed:
        helpers.unlink(missing_ok=True)
        return mend(source, findings)

    monkeypatch.setattr(stable, "fix", gone)
    assert main(["check", "--fix", "--select", "DUR112"]) == 1
    assert not helpers.exists()
    assert "shop/helpers.py was changed meanwhile" in capsys.readouterr().err


# ---------------------------------------------------------------- the diff


def test_a_diff_changes_no_file_and_patch_takes_it(
    helpers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = helpers.read_bytes()
    assert main(["check", "--diff"]) == 1
    printed = capsys.readouterr()
    assert helpers.read_bytes() == before
    assert printed.out.startswith("--- shop/helpers.py\n+++ shop/helpers.py\n@@ ")
    assert "1 finding would be mended, 1 would remain." in printed.err
    subprocess.run(
        ["git", "apply", "-p0"], input=printed.out.encode(), cwd=helpers.parents[1], check=True
    )
    main(["check", "--diff", "--select", "DUR112"])
    assert capsys.readouterr().out == ""
    assert MENDED in helpers.read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.partition(b"\n\n\ndef not_reached")[0],
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"# \xc3\xa9 \xe2\x80\xa8 \x0c\n" + data,
        lambda data: b"# coding: latin-1\n# \xe9\n" + data,
    ],
    ids=["CRLF", "no last line end", "byte order mark", "odd separators", "latin-1"],
)
def test_a_diff_fits_whatever_the_ends_of_lines_and_the_encoding(
    change: Callable[[bytes], bytes], helpers: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = change(helpers.read_bytes())
    helpers.write_bytes(before)
    main(["check", "--diff", "--select", "DUR112"])
    subprocess.run(
        ["git", "apply", "-p0"],
        input=capsysbinary.readouterr().out,
        cwd=helpers.parents[1],
        check=True,
        capture_output=True,
    )
    patched = helpers.read_bytes()
    helpers.write_bytes(before)
    main(["check", "--fix", "--select", "DUR112"])
    assert patched == helpers.read_bytes() != before


def test_nothing_to_mend_is_an_empty_diff(
    helpers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--diff", "--select", "DUR131"]) == 0
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------- standard input


def test_standard_input_comes_back_mended(
    helpers: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = helpers.read_bytes()
    typed = before + b"# typed\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
    assert main(["check", "--fix", "--stdin-filename", "shop/helpers.py", "-"]) == 0
    printed = capsysbinary.readouterr()
    assert MENDED.encode() in printed.out
    assert printed.out.endswith(b"# typed\r\n")
    assert helpers.read_bytes() == before


def test_standard_input_without_anything_to_mend_comes_back_as_it_is(
    helpers: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = (helpers.parent / "flows.py").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
    assert main(["check", "--fix", "--stdin-filename", "shop/flows.py"]) == 1
    printed = capsysbinary.readouterr()
    assert printed.out == typed
    assert b"shop/flows.py:10:15: DUR101" in printed.err
