"""Parcels and their papers."""

import hashlib
import io
import os
import os.path as osp
import posix
import time
import uuid
from collections.abc import Iterator
from gzip import open as zopen
from pathlib import Path, PurePath
from typing import Final

import numpy as np

ROOT: Final = Path("/srv/papers")
NAMES: Final = {"s": "small", "l": "large"}
SIZES = ["s", "m", "l"]


class Paper:
    count = 0
    kinds: list[str] = []

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        type(self).count += 1  # expect: DUR141

    @classmethod
    def known(cls, kind: str) -> "Paper":
        cls.kinds.append(kind)  # expect: DUR141
        return cls(kind)

    def write(self, line: str) -> None:
        self.lines.append(line + os.linesep)

    def where(self) -> str:
        return osp.join(osp.normpath(f"papers{os.sep}{self.name}"), "index.txt")

    def absolute(self) -> str:
        return osp.abspath(self.where())  # expect: DUR122

    def target(self) -> str:
        return str((ROOT / self.name).readlink())  # expect: DUR122


def collect(line: str, seen: list[str] = []) -> list[str]:
    seen.append(line)  # expect: DUR141
    return seen


def lines_of(text: str, skip: list[str] = []) -> list[str]:
    return [line for line in io.StringIO(text) if line.strip() not in skip]


def existing(names: list[str]) -> list[str]:
    return list(filter(osp.exists, names))  # expect: DUR122


def any_draft(paths: list[Path]) -> bool:
    return any(map(Path.is_file, paths))  # expect: DUR122


def suffixes(names: list[str]) -> list[str]:
    return list(map(lambda name: PurePath(name).suffix, names))


def unpack(name: str) -> str:
    with zopen(name, "rt") as file:  # expect: DUR122
        first = file.readline()
    with io.open(f"{name}.idx") as index:  # expect: DUR122
        return first + index.readline()


def owner() -> str:
    return f"{posix.getuid()}/{time.tzname[0]}"  # expect: DUR125


def weigh(seed: int, count: int) -> list[float]:
    fixed = np.random.default_rng(seed).normal(size=count)
    return [float(value) for value in fixed]


def jitter(count: int) -> list[float]:
    rng = np.random.default_rng()  # expect: DUR111
    return [float(value) for value in rng.normal(size=count)]


def number(rng, prefix: str) -> uuid.UUID:
    digest = hashlib.md5(prefix.encode(), usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest) if prefix else uuid.UUID(int=rng.getrandbits(128), version=4)


def order_by_identity(papers: list[Paper]) -> list[Paper]:
    return sorted(papers, key=id)  # expect: DUR125


def bucket(weight: int, zone: tuple[int, int]) -> int:
    return (hash(weight) ^ hash((1, 2))) % 16


def pages(paper: Paper) -> Iterator[list[str]]:
    rest = paper.lines
    while True:
        page, rest = rest[:40], rest[40:]
        if not page:
            return
        yield page
