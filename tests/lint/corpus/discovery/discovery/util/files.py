from __future__ import annotations

import csv
import glob
import io
import os
import tempfile
from collections.abc import Iterator
from os import path as osp
from pathlib import Path, PurePath
from types import TracebackType


class Folder:
    def __init__(self, root: str) -> None:
        self.root = Path(root)
        self._inside: list[str] = []

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def __contains__(self, name: str) -> bool:
        return (self.root / name).exists()  # expect: DUR122

    def __len__(self) -> int:
        return len(self._inside)

    def __enter__(self) -> Folder:
        self.root.mkdir(parents=True, exist_ok=True)  # expect: DUR122
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._inside.clear()

    def __iter__(self) -> Iterator[Path]:
        return self.root.iterdir()

    @property
    def label(self) -> str:
        return self.root.name.upper()


def read_manifest(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def extension(name: str) -> str:
    return PurePath(name).suffix or osp.splitext(osp.normpath(name))[1]


def newest(pattern: str) -> str:
    return max(glob.glob(pattern))  # expect: DUR122


def resolved(name: str) -> str:
    return osp.realpath(name)  # expect: DUR122


def scratch() -> str:
    handle, name = tempfile.mkstemp()
    os.close(handle)
    return name
