"""What the words of a command line mean, and which of them contradict each other."""

import pytest

from durable_lint import __version__
from durable_lint.cli import main
from durable_lint.cli.arguments import Catalogue, Check, Explain, Scan, parse


def checked(*words: str) -> Check:
    command = parse(words)
    assert isinstance(command, Check)
    return command


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"durable-lint {__version__}\n"


def test_paths_alone_are_checked() -> None:
    assert checked("src", "tests") == checked("check", "src", "tests")
    assert checked("--fix", "a.py").fix
    assert checked("-q").paths == []


def test_a_path_that_is_called_like_a_command_is_checked_when_the_command_is_given() -> None:
    assert checked("check", "scan").paths == ["scan"]


def test_codes_are_separated_by_commas_and_options_may_be_repeated() -> None:
    asked = checked("--select", "DUR101, DUR13", "--select=DUR152", "--ignore", "DUR131,")
    assert asked.select == ["DUR101", "DUR13", "DUR152"]
    assert asked.ignore == ["DUR131"]
    assert asked.extend_select == []
    assert checked("src").select == []  # the lists of one command are not those of the next


def test_the_other_commands() -> None:
    assert parse(["rules"]) == Catalogue("text")
    assert parse(["scan", "--top", "3", "src"]) == Scan(["src"], "text", 3, None, "auto")
    assert parse(["explain", "DUR101", "DUR2"]) == Explain(["DUR101", "DUR2"])
    assert parse(["--explain", "DUR101"]) == parse(["--explain=DUR101"]) == Explain(["DUR101"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-"], "--stdin-filename"),
        (["--stdin-filename", "a.py", "b.py"], "paths at once"),
        (["--stdin-filename", "a.py", "--watch"], "--watch"),
        (["--stdin-filename", "a.py", "--write-baseline"], "--write-baseline"),
        (["--stdin-filename", "a.py", "--fix", "--format", "json"], "text only"),
        (["--write-baseline", "--fix"], "fix first"),
        (["--write-baseline", "--no-baseline"], "--no-baseline"),
        (["--baseline", "b.json", "--no-baseline"], "--no-baseline"),
        (["--write-baseline", "--watch"], "--watch"),
        (["--watch", "--output-file", "o"], "--output-file"),
        (["--diff", "--format", "sarif"], "--format"),
        (["--statistics", "--format", "sarif"], "--statistics"),
        (["--no-cache", "--cache-dir", "d"], "--cache-dir"),
        (["--nonsense"], "--nonsense"),
        (["--form", "json"], "--form"),  # an abbreviation means something else next year
        (["--format", "xml"], "xml"),
        (["--types", "--no-types"], "not allowed with"),
        (["--select", ","], "needs at least one code"),
        (["--statistics", "--format", "github"], "text or json, not github"),
        (["scan", "--top", "0"], "must be a whole number from 1, not '0'"),
        (["scan", "--top", "many"], "must be a whole number from 1, not 'many'"),
        (["scan", "--fix"], "--fix"),
        (["--explain"], "CODE"),
    ],
    ids=" ".join,
)
def test_what_contradicts_itself_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "--help" in printed.err


def test_without_words_the_commands_are_listed_and_nothing_is_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "check" in printed.err
    assert "scan" in printed.err


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["scan", "-h"]], ids=" ".join)
def test_help_is_printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "durable-lint" in capsys.readouterr().out
