"""The command never reports success about code that it has not read."""

import subprocess
import sys

import pytest

from durable_lint import __version__
from durable_lint.cli import main


def test_version_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"durable-lint {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["src"],
        ["check", "src", "--format", "json"],
        ["--explain", "DUR101"],
        ["--fix", "a.py"],
        ["--", "--version"],
    ],
    ids=" ".join,
)
def test_whatever_is_asked_it_says_that_nothing_was_checked_and_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""  # a program that reads findings reads none
    assert "nothing was checked" in printed.err


def test_the_installed_command_ends_with_2_too() -> None:
    code = "import sys; from durable_lint.cli import main; sys.exit(main())"
    ended = subprocess.run([sys.executable, "-c", code, "src"], capture_output=True, check=False)
    assert ended.returncode == 2


def test_the_checker_starts_without_the_runtime_and_without_a_parser() -> None:
    code = (
        "import sys, durable_lint.cli;"
        "print([n for n in ('durable_async', 'attrs', 'libcst', 'asyncio') if n in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ended.stdout == "[]\n"
