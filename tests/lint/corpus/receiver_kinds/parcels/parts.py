"""One class per way of finding out what a receiver is."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, NamedTuple, Optional, TypeAlias, TypeVar, Union

import attrs
import httpx
import requests

T = TypeVar("T")
Session: TypeAlias = requests.Session


class Clock:
    def now(self) -> float:
        return time.time()  # expect: DUR101


class Dice:
    sides = 6

    def roll(self) -> int:
        return random.randint(1, self.sides)  # expect: DUR111


class LoadedDice(Dice):
    def roll(self) -> int:
        return self.sides


class BigDice(Dice):
    sides = 20

    def roll(self) -> int:
        return super().roll() + random.getrandbits(1)  # expect: DUR111


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item

    def get(self) -> T:
        return self.item


@dataclass
class Depot:
    root: Path
    clock: Clock

    def labels(self) -> list[str]:
        return [entry.name for entry in self.root.iterdir()]  # expect: DUR122

    def parent(self) -> str:
        return str(self.root.parent / "x")


@attrs.define
class Gateway:
    session: requests.Session
    base: str = "http://gate"

    def ping(self) -> int:
        return self.session.get(self.base).status_code  # expect: DUR121


class Route(NamedTuple):
    start: Path
    stop: str

    def ready(self) -> bool:
        return self.start.exists()  # expect: DUR122


def by_alias(session: Session) -> int:
    return session.head("http://gate").status_code  # expect: DUR121


def optional(session: Optional[requests.Session]) -> int:
    if session is None:
        return 0
    return session.post("http://gate").status_code  # expect: DUR121


def union(client: Union[httpx.Client, None]) -> int:
    return client.put("http://gate").status_code if client else 0  # expect: DUR121


def annotated(path: Annotated[Path, "absolute"]) -> int:
    return path.stat().st_size  # expect: DUR122


def elements(paths: list[Path]) -> list[str]:
    return [path.read_text() for path in paths]  # expect: DUR122


def values(paths: dict[str, Path]) -> int:
    total = 0
    for _, path in paths.items():
        total += len(path.read_bytes())  # expect: DUR122
    return total


def narrowed(thing: object) -> str:
    if isinstance(thing, Path):
        return thing.read_text()  # expect: DUR122
    return str(thing)


def joined(root: Path) -> bool:
    target = root / "labels" / "today.txt"
    return target.with_suffix(".pdf").is_file()  # expect: DUR122


def opened() -> httpx.Client:
    return httpx.Client()


def inferred():
    return Path("labels")


def generated(root: Path) -> Iterator[Path]:
    yield root / "a"


def unknown(thing) -> str:
    return thing.read_text() + thing.get("x") + str(thing.roll())
