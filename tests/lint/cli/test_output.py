"""Text arrives whatever is in it, and a file is written whole or not at all."""

import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

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


def ended(code: str, **streams: Any) -> tuple[int, str]:
    """Run a command line of Python with odd streams. Returns: exit code, and standard error."""
    done = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, check=False, text=True, **streams
    )
    return done.returncode, done.stderr


RULES = "import sys; from durable_lint.cli import main; sys.exit(main(['rules']))"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words", ["['rules']", "['rules', '--format', 'json']", "['explain', 'ALL']"]
)
def test_a_full_device_is_one_line_and_no_success(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        code, err = ended(RULES.replace("['rules']", words), stdout=full)
    assert code == 2
    assert err == "durable-lint: what was found cannot be written: No space left on device\n"


def test_a_closed_output_is_one_line_and_no_success() -> None:
    program = (
        f"import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, '-c', {RULES!r}])"
    )
    code, err = ended(program, stdout=subprocess.DEVNULL)
    assert code == 2
    assert err.startswith("durable-lint: standard output is closed")
    assert err.count("\n") == 1


def test_the_process_ends_at_once_with_all_that_was_said(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(
        "import time\nimport durable_async as da\n\n@da.orchestrator\n"
        "async def flow() -> float:\n    return time.time()\n",
        encoding="utf-8",
    )
    code = (
        "import atexit, sys; from durable_lint.cli import command\n"
        "atexit.register(print, 'taken apart', file=sys.stderr)\n"
        "sys.argv = ['durable-lint', 'check', '--no-cache', sys.argv[1]]\ncommand()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    assert "DUR101" in done.stdout
    assert done.stdout.endswith("\n")
    assert "taken apart" not in done.stderr
