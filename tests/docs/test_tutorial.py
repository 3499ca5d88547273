"""The tutorial, done by a reader: its files written, its processes started and killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text()
URL = "sqlite:///shop.db"

pytestmark = pytest.mark.timeout(300)


def file_on_the_page(name: str) -> str:
    """The block that follows the paragraph in which the file is named."""
    blocks = re.findall(
        rf"`{re.escape(name)}`:\n\n(?:% skip: next\n)?```python\n(.*?)```", PAGE, re.DOTALL
    )
    assert len(blocks) == 1, name
    return str(blocks[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("book.py", "shop.py", "worker.py", "place.py", "test_shop.py"):
        (tmp_path / name).write_text(file_on_the_page(name))
    return tmp_path


@contextmanager
def started(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """The command, which the page has word for word; killed at the end if it still runs."""
    assert " ".join(command) in PAGE, command
    program = [sys.executable, *command[1:]] if command[0] == "python" else [*command]
    with subprocess.Popen(
        program,
        cwd=folder,
        env=os.environ | {"DURABLE_URL": URL, "PATH": _path()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def done(folder: Path, *command: str) -> str:
    with started(folder, *command) as process:
        output, _ = process.communicate()
        assert process.returncode == 0, output
    return output


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_the_script_goes_on_with_the_chapter_in_which_it_was_killed(folder: Path) -> None:
    with started(folder, "python", "book.py") as script:
        assert next_line(script) == "typesetting The Whale"
        assert next_line(script) == "typesetting The Chase"
        kill(script)
    assert done(folder, "python", "book.py").splitlines() == [
        "typesetting The Chase",
        "typesetting The Calm",
        "typesetting The Storm",
        "a book of 35 pages",
    ]


@pytest.mark.slow
def test_an_order_survives_its_worker(folder: Path) -> None:
    with (
        started(folder, "python", "worker.py") as first,
        started(folder, "python", "place.py", "o-1", "250") as placing,
    ):
        assert next_line(placing) == "placed order-o-1"
        assert next_line(first) == "charging o-1, attempt 1"
        kill(first)
        with started(folder, "python", "worker.py") as second:
            assert next_line(second) == "charging o-1, attempt 1"
            assert next_line(placing) == "250 cents paid"
            assert placing.wait() == 0
            second.terminate()
            assert second.wait() == 0
    again = done(folder, "python", "place.py", "o-1", "250")
    assert again.splitlines() == ["placed order-o-1", "250 cents paid"]


@pytest.mark.slow
def test_the_command_line_sees_and_approves_a_dear_order(folder: Path) -> None:
    pytest.importorskip("click")
    with (
        started(folder, "python", "worker.py") as worker,
        started(folder, "python", "place.py", "o-2", "90000") as placing,
    ):
        assert next_line(placing) == "placed order-o-2"
        assert "order-o-2" in done(folder, "durable", "list")
        while "shop.py:" not in done(folder, "durable", "stack", "order-o-2"):
            pass  # the worker has not taken it yet
        done(folder, "durable", "raise", "order-o-2", "approved", "--data", "true")
        assert next_line(worker) == "charging o-2, attempt 1"
        assert next_line(placing) == "90000 cents paid"
        assert placing.wait() == 0
    assert "EventReceived" in done(folder, "durable", "history", "order-o-2")


@pytest.mark.slow
def test_the_files_of_the_tutorial_are_typed(folder: Path) -> None:
    pytest.importorskip("mypy")
    # In a process of its own: mypy raises the bound of nested calls of the one that it runs in.
    files = map(str, sorted(folder.glob("*.py")))
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder), *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_the_tests_of_the_tutorial_pass(folder: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
