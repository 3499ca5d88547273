"""Starting processes, and reading what they say."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SCRIPT = Path(__file__).with_name("worker_process.py")


@contextlib.contextmanager
def worker(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """See `worker_process`."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def heard(process: subprocess.Popen[str]) -> list[str]:
    """One line; [] when there is none any more."""
    assert process.stdout is not None
    return process.stdout.readline().strip().split(maxsplit=2)


def said(process: subprocess.Popen[str]) -> list[list[str]]:
    """The rest of what a process said that has ended, whole lines only."""
    assert process.stdout is not None
    lines = process.stdout.read().splitlines(keepends=True)
    return [line.strip().split(maxsplit=2) for line in lines if line.endswith("\n")]
