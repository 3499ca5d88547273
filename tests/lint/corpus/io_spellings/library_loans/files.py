"""Files."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import io
import json
import os
import shutil
import tarfile
import tempfile
import zipfile
from os import path as ospath
from os.path import exists, join
from pathlib import Path

import aiofiles
import numpy as np
import polars

ROOT = Path(__file__).parent
TEMPLATE = (ROOT / "letter.txt").read_text() if __name__ == "__main__" else "Dear reader"


class Shelf:
    suffix = ".json"

    def __init__(self, root: Path) -> None:
        self.root = root

    def __truediv__(self, name: str) -> Path:
        return self.root / f"{name}{self.suffix}"

    def load(self, name: str) -> dict[str, str]:
        with (self / name).open() as source:  # expect: DUR122
            return json.load(source)

    def names(self) -> list[str]:
        return sorted(entry.stem for entry in self.root.glob("*.json"))  # expect: DUR122

    def pure(self, name: str) -> str:
        return (self.root / name).with_suffix(".bak").as_posix()


def several(name: str) -> list[object]:
    return [
        open(name).read(),  # expect: DUR122
        io.open(name, "rb").read(),  # expect: DUR122
        codecs.open(name).read(),  # expect: DUR122
        gzip.open(name).read(),  # expect: DUR122
        glob.glob(join(name, "*")),  # expect: DUR122
        os.listdir(name),  # expect: DUR122
        exists(name),  # expect: DUR122
        ospath.getmtime(name),  # expect: DUR122
        os.stat(name).st_size,  # expect: DUR122
        shutil.disk_usage(name),  # expect: DUR122
        tempfile.NamedTemporaryFile(),  # expect: DUR122
        np.load(name),  # expect: DUR122
        polars.read_parquet(name),  # expect: DUR122
    ]


def archives(name: str, blob: bytes) -> list[str]:
    inside = zipfile.ZipFile(io.BytesIO(blob)).namelist()
    outside = zipfile.ZipFile(name).namelist()  # expect: DUR122
    tar = tarfile.open(name).getnames()  # expect: DUR122
    return inside + outside + tar


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def written(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    return buffer.read() + TEMPLATE


async def asynchronous(name: str) -> bool:
    async with aiofiles.open(name) as source:  # expect: DUR122
        return source is not None


def removed(name: str) -> None:
    for folder, _, names in os.walk(name):  # expect: DUR122
        for entry in names:
            os.remove(join(folder, entry))  # expect: DUR122


def exported(name: str) -> None:
    with open(name, "w") as target:
        json.dump({}, target)
