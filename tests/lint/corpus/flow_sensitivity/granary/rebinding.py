"""Names that mean one thing, then another."""

from __future__ import annotations

import random
import time
from pathlib import Path

import requests


class FakeSession:
    def get(self, url: str) -> str:
        return url


def sorted_then_used(words: list[str]) -> list[str]:
    names = {word.strip() for word in words}
    names = sorted(names)
    return [name.upper() for name in names]


def used_then_sorted(words: list[str]) -> list[str]:
    names = {word.strip() for word in words}
    first = [name.upper() for name in names]  # expect: DUR134
    names = sorted(names)
    return first + list(names)


def became_set(words: list[str]) -> str:
    names = list(words)
    names = set(names)
    return "-".join(names)  # expect: DUR134


def fake_after_real(url: str) -> str:
    session = requests.Session()
    session = FakeSession()
    return session.get(url)


def real_after_fake(url: str) -> int:
    session = FakeSession()
    session.get(url)
    session = requests.Session()
    return session.get(url).status_code  # expect: DUR121


def seeded_after(rng: random.Random | None, seed: int) -> float:
    if rng is None:
        rng = random.Random(seed)
    return rng.random()


def local_import(seconds: float) -> float:
    from time import time

    return time() - seconds  # expect: DUR101


def local_lambda(seconds: float) -> float:
    time = lambda: seconds
    return time()


def later_shadow(seconds: float) -> float:
    began = time.perf_counter()  # expect: DUR101
    for sleep in (seconds, began):
        seconds += sleep
    return seconds


def comprehension_scope(values: list[float]) -> list[float]:
    doubled = [time * 2 for time in values]
    return [*doubled, time.time()]  # expect: DUR101


def text_not_path(name: str) -> str:
    path = Path(name)
    path = path.name
    return path.replace("a", "b")


def path_not_text(name: str) -> str:
    path = name.replace("a", "b")
    path = Path(path)
    return path.read_text()  # expect: DUR122


def walrus(name: str) -> int:
    if (path := Path(name)).suffix and path.exists():  # expect: DUR122
        return 1
    return 0


def swapped(name: str) -> str:
    first, second = Path(name), name
    first, second = second, first
    return first.replace("x", "y") + second.name


def class_scope(seconds: float) -> float:
    class Holder:
        time = seconds

        def now(self) -> float:
            return time.time()  # expect: DUR101

    return Holder.time + Holder().now()


def deleted(words: list[str]) -> list[str]:
    names = set(words)
    del names
    names = words
    return list(names)
