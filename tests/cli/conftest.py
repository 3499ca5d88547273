"""A folder with a user's code in it, and the command run in this process or as one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from durable_async.cli.main import main

SHOP = '''
"""A user's module."""

import asyncio

import durable_async as da


class DeclinedError(Exception):
    """The card is refused."""


@da.activity
async def charge(order: str, cents: int) -> str:
    if cents > 1000:
        raise DeclinedError(f"{order} has no {cents} cents")
    return f"{order}/{cents}"


@da.orchestrator
async def checkout(order: str, items: list[int]) -> list[str]:
    return list(await asyncio.gather(*[charge(order, cents) for cents in items]))


@da.orchestrator
async def approval(order: str) -> bool:
    da.set_custom_status({"waits for": "approval"})
    return await da.wait_for_event("approved", bool)


@da.orchestrator
async def patience(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


def plain(order: str) -> str:
    return order


LIMIT = 1000
'''


@attrs.frozen
class Ended:
    """A command that has ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@attrs.frozen
class Shop:
    """The command line in a folder with shop.py, and its store."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ended:
        """Run a command in this process."""
        self.capsys.readouterr()
        code = main(arguments)
        printed = self.capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    def process(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Begin a command as a process."""
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from durable_async.cli.main import main; sys.exit(main())",
                *arguments,
            ],
            cwd=self.folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, *arguments: str, **environment: str) -> Ended:
        """Run a command as a process, to its end."""
        with self.process(*arguments, **environment) as process:
            out, err = process.communicate(timeout=50)
        return Ended(process.returncode, out, err)

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


@pytest.fixture
def durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """The command, in an empty folder with shop.py. Modules that it loads are forgotten after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DURABLE_URL", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "shop", raising=False)  # another test's
    known = set(sys.modules)
    shop = Shop(tmp_path, capsys)
    shop.write("shop.py", SHOP)
    yield shop
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]
