"""A script that may be killed, as examples/run_script.py is."""

import subprocess
import sys
from pathlib import Path

import pytest
import run_script

COMMAND = [sys.executable, run_script.__file__]


def run_until(line: str, folder: Path) -> list[str]:
    """Start the script, and kill it with -9 when it prints a line; all that it printed."""
    printed: list[str] = []
    with subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for text in process.stdout:
            printed.append(text.rstrip("\n"))
            if line in text:
                process.kill()
    return printed


def run_to_the_end(folder: Path) -> list[str]:
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_killed_and_run_again_it_goes_on_with_what_was_not_done(tmp_path: Path) -> None:
    first, second, third, last = [f"typesetting {chapter}" for chapter in run_script.CHAPTERS]
    pages = sum(len(chapter) for chapter in run_script.CHAPTERS)

    before = run_until(third, tmp_path)
    after = run_to_the_end(tmp_path)

    assert [line for line in before if line.startswith("typesetting")] == [first, second, third]
    # The third had begun and not ended: it may run again. The first two may not.
    assert [line for line in after if line.startswith("typesetting")] == [third, last]
    assert after[-1] == f"a book of {pages} pages"


@pytest.mark.slow
def test_once_finished_it_starts_anew(tmp_path: Path) -> None:
    first = run_to_the_end(tmp_path)
    second = run_to_the_end(tmp_path)
    assert sum(line.startswith("typesetting") for line in first) == 4
    assert sum(line.startswith("typesetting") for line in second) == 4
