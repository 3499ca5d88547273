"""Text arrives whatever is in it, and a file is written whole or not at all."""

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from durable_lint import __version__
from durable_lint.cli.output import print_lines, write_file
from durable_lint.cli.refusal import Refused


def test_a_letter_that_the_terminal_does_not_have_is_escaped() -> None:
    written = BytesIO()
    stream = TextIOWrapper(written, encoding="ascii")
    print_lines(["prix = 'é' \udce9"], stream)
    assert written.getvalue() == b"prix = '\\xe9' \\udce9\n"


def test_a_file_that_is_written_keeps_its_permissions_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "tool.py"
    file.write_bytes(b"before")
    file.chmod(0o750)
    write_file(str(file), b"after")
    assert file.read_bytes() == b"after"
    assert file.stat().st_mode & 0o7777 == 0o750
    assert [each.name for each in tmp_path.iterdir()] == ["tool.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file = tmp_path / "real" / "flows.py"
    file.write_bytes(b"before")
    link = tmp_path / "flows.py"
    link.symlink_to(file)
    write_file(str(link), b"after")
    assert link.is_symlink()
    assert file.read_bytes() == b"after"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    write_file(str(tmp_path / "new"), b"")
    assert (tmp_path / "new").stat().st_mode == ordinary.stat().st_mode


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere/a\.sarif cannot be written: No such file"):
        write_file(str(tmp_path / "nowhere" / "a.sarif"), b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refused, match="folder cannot be written"):
        write_file(str(tmp_path / "folder"), b"")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    code = "import sys; from durable_lint.cli import main; sys.exit(main(['rules']))"
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize(
    "command", [["-m", "durable_lint"], ["-c", "import durable_lint.cli as c; c.main()"]]
)
def test_the_command_can_be_run_as_a_module(command: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, *command, "--version"], capture_output=True, check=True, text=True
    )
    assert ended.stdout == f"durable-lint {__version__}\n"
