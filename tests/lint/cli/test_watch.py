"""Watching checks again after each change, and survives what cannot be checked at the moment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from durable_lint.cli import main
from durable_lint.cli.arguments import Check, parse
from durable_lint.cli.watch import watch


def asked(*words: str) -> Check:
    command = parse(["check", *words])
    assert isinstance(command, Check)
    return command


def watched(command: Check, *changes: Callable[[], object]) -> int:
    """Watch while these changes are made, one at each pause. Returns: how many pauses."""
    left = list(changes)
    pauses = 0

    def pause(seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    with pytest.raises(KeyboardInterrupt):
        watch(command, pause)
    return pauses


def test_a_change_is_checked_at_once_and_no_change_is_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def mend() -> None:
        (project / "shop" / "helpers.py").write_text("def stamp() -> str:\n    return '1'\n")

    assert watched(asked(), lambda: None, mend) == 3
    summaries = [line for line in capsys.readouterr().out.splitlines() if "checked; " in line]
    assert [summary.split()[0] for summary in summaries] == ["2", "1"]


def test_a_new_file_and_one_that_goes_are_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = project / "shop" / "new.py"
    watched(asked(), lambda: new.write_text("x = (\n"), new.unlink)
    assert capsys.readouterr().err.count("Watching for changes") == 3


def test_a_mistake_in_the_settings_is_said_and_watching_goes_on(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = project / "pyproject.toml"
    watched(
        asked(),
        lambda: settings.write_text("[tool.durable-lint]\nselekt = []\n"),
        lambda: settings.write_text('[tool.durable-lint]\nignore = ["ALL"]\n'),
    )
    printed = capsys.readouterr()
    assert "did you mean 'select'" in printed.err
    assert printed.out.splitlines()[-1].startswith("No findings")


def test_a_path_that_is_gone_for_a_while_is_waited_for(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, elsewhere = project / "shop", project / "elsewhere"
    watched(asked("shop"), lambda: folder.rename(elsewhere), lambda: elsewhere.rename(folder))
    printed = capsys.readouterr()
    assert "shop: there is no such file or directory" in printed.err
    assert printed.out.count("2 findings in 2 files") == 2


def test_an_interrupted_watch_ends_with_130(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("durable_lint.cli.watch.check", interrupted)
    assert main(["check", "--watch"]) == 130
