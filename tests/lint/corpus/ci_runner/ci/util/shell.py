from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import decorators

NULL = os.devnull
SEPARATOR = os.sep


def quote_all(words: Iterable[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)


def which(program: str) -> str | None:
    return shutil.which(program)  # expect: DUR124


@dataclass(frozen=True)
class Command:
    argv: tuple[str, ...]
    cwd: str = "."
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, line: str, **environment: str) -> Command:
        return cls(tuple(shlex.split(line)), environment=tuple(sorted(environment.items())))

    def __str__(self) -> str:
        return quote_all(self.argv)

    def __truediv__(self, directory: str) -> Command:
        return Command(self.argv, SEPARATOR.join((self.cwd, directory)), self.environment)

    def run(self) -> str:
        done = subprocess.run(self.argv, cwd=self.cwd, check=True, capture_output=True, text=True)  # expect: DUR123
        return done.stdout.strip()

    async def start(self) -> int:
        process = await asyncio.create_subprocess_exec(*self.argv, cwd=self.cwd)
        return await process.wait()

    def merged_environment(self) -> dict[str, str]:
        return {**os.environ, **dict(self.environment)}  # expect: DUR124


@decorators.deprecated("Command.run")
def backticks(line: str) -> str:
    with os.popen(line) as pipe:  # expect: DUR123
        return pipe.read()


def shell_for_host() -> str:
    return "cmd" if sys.platform == "win32" else "sh"
