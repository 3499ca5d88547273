"""What was known stays known while it stands still, and what is new is never taken for known."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.baseline import Baseline, BaselineError, Compared, Fingerprint, fingerprints
from durable_lint.model import Finding, Span


class File:
    """Files by path, with a finding of DUR101 wherever `now` stands."""

    def __init__(self, **files: str) -> None:
        self.files = {f"/p/{name}.py": text.split("\n") for name, text in files.items()}

    def line(self, path: str, number: int) -> str:
        return self.files[path][number - 1]

    def findings(self) -> list[Finding]:
        return [
            Finding(path, Span(number, 1, number, 2), "DUR101", "x", "m", "f", "time.time")
            for path, lines in self.files.items()
            for number, text in enumerate(lines, 1)
            if "now" in text
        ]


def known(files: File) -> Baseline:
    return Baseline.of(files.findings(), "/p", files.line)


def compared(baseline: Baseline, files: File, checked: str = "/p") -> tuple[int, int, int]:
    seen = baseline.compare(
        files.findings(), "/p", files.line, lambda path: path.startswith(checked)
    )
    return len(seen.new), seen.known, seen.stale


BEFORE = File(a="x = now\ny\n  z = now\nx = now", b="now")


def test_what_was_there_is_known() -> None:
    assert compared(known(BEFORE), BEFORE) == (0, 4, 0)


def test_lines_that_move_or_are_indented_anew_stay_known() -> None:
    after = File(a="new\n\n  x = now\nq\nz = now\ny\nx = now", b="\n\nnow")
    assert compared(known(BEFORE), after) == (0, 4, 0)


def test_one_more_of_the_same_is_new() -> None:
    after = File(a="x = now\ny\n  z = now\nx = now\nx = now", b="now")
    assert compared(known(BEFORE), after) == (1, 4, 0)


def test_a_line_that_changed_is_new_and_its_entry_is_stale() -> None:
    after = File(a="x = now + 1\ny\n  z = now\nx = now", b="now")
    new, held, stale = compared(known(BEFORE), after)
    assert (new, held, stale) == (1, 3, 1)


def test_what_is_gone_is_stale_only_where_somebody_looked() -> None:
    after = File(a="x = now\nz = now\nx = now")
    assert compared(known(BEFORE), after, checked="/p/a") == (0, 3, 0)
    assert compared(known(BEFORE), after) == (0, 3, 1)


def test_the_new_ones_come_in_the_order_given() -> None:
    files = File(a="now\nnow", b="now")
    findings = files.findings()[::-1]
    assert Baseline([]).compare(findings, "/p", files.line) == Compared(findings, 0, 0)


def test_two_findings_of_one_line_are_two() -> None:
    files = File(a="now")
    (one,) = files.findings()
    other = one._replace(span=Span(1, 5, 1, 6))
    first, second = fingerprints([other, one], "/p", files.line)
    assert (first.occurrence, second.occurrence) == (2, 1)
    assert first.digest() != second.digest()
    assert len(first.digest()) == 16


@given(st.permutations(range(4)))
def test_a_fingerprint_does_not_depend_on_the_order_in_which_findings_come(
    order: list[int],
) -> None:
    findings = BEFORE.findings()
    straight = fingerprints(findings, "/p", BEFORE.line)
    mixed = fingerprints([findings[index] for index in order], "/p", BEFORE.line)
    assert [straight[index] for index in order] == mixed


def test_a_file_outside_of_the_project_has_a_relative_path_too() -> None:
    finding = BEFORE.findings()[0]._replace(path="/elsewhere/a.py")
    (print_,) = fingerprints([finding], "/p", lambda path, number: None)
    assert print_.path == "../elsewhere/a.py"
    baseline = Baseline([print_])
    assert baseline.compare([], "/p", BEFORE.line, "/elsewhere/a.py".__eq__).stale == 1


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "lint" / "known.json"
    baseline = known(BEFORE)
    baseline.write(path.as_posix())
    assert Baseline.read(path.as_posix()).entries == baseline.entries
    first = path.read_bytes()
    baseline.write(path.as_posix())
    assert path.read_bytes() == first
    assert len(first.splitlines()) == len(baseline.entries) + 2
    assert [each.name for each in path.parent.iterdir()] == ["known.json"]


def test_an_empty_baseline_is_one(tmp_path: Path) -> None:
    path = (tmp_path / "known.json").as_posix()
    Baseline([]).write(path)
    assert Baseline.read(path).entries == frozenset()


ENTRY = dict(zip(Fingerprint._fields, Fingerprint("a.py", "DUR101", "f", "s", "t", 1), strict=True))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no baseline"),
        ('{"version": 1}', "is no baseline"),
        ('{"version": 2, "findings": []}', "version 2"),
        ('{"version": 1, "findings": [1]}', "is no baseline"),
        ('{"version": 1, "findings": [{}]}', "is no baseline"),
        (json.dumps({"version": 1, "findings": [ENTRY | {"occurrence": "1"}]}), "is no baseline"),
        (json.dumps({"version": 1, "findings": [ENTRY | {"more": 1}]}), "is no baseline"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(content)
    with pytest.raises(BaselineError, match=words) as raised:
        Baseline.read(path.as_posix())
    assert "--write-baseline" in str(raised.value)


def test_a_baseline_that_cannot_be_read_or_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="make it with --write-baseline"):
        Baseline.read((tmp_path / "missing.json").as_posix())
    with pytest.raises(BaselineError, match="cannot be read"):
        Baseline.read(tmp_path.as_posix())
    (tmp_path / "file").write_text("")
    with pytest.raises(BaselineError, match="cannot be written"):
        Baseline([]).write((tmp_path / "file" / "known.json").as_posix())
