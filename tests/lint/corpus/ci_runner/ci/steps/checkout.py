from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile

import durable_async as da
from ci.util import Command, logged, memoized


@memoized
def _git() -> str:
    return Command.parse("which git").run()


@da.activity(timeout=600)
@logged()
def clone(repository: str, commit: str) -> str:
    directory = tempfile.mkdtemp(prefix="ci-")
    with contextlib.chdir(directory):
        subprocess.run([_git(), "clone", repository, "."], check=True)
        subprocess.run([_git(), "checkout", commit], check=True)
    return directory


@da.activity
def remove(directory: str) -> None:
    os.system(f"rm -rf {directory}")


@da.activity
def changed_files(directory: str, base: str) -> set[str]:
    return set((Command.parse(f"git diff --name-only {base}") / directory).run().splitlines())
