"""Who gets the newsletter; order leaks out of here in many ways."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

BLOCKED = frozenset({"spam@example", "trap@example"})
PRIORITY: set[str] = {"ceo@example", "cto@example"}


@dataclass
class Segment:
    name: str
    members: set[str] = field(default_factory=set)

    def __or__(self, other: "Segment") -> "Segment":
        return Segment(f"{self.name}|{other.name}", self.members | other.members)

    def first(self) -> str:
        return next(iter(self.members))  # expect: DUR134

    def rows(self) -> list[tuple[int, str]]:
        return list(enumerate(self.members))  # expect: DUR134

    def walk(self) -> Iterator[str]:
        yield from self.members  # expect: DUR134

    def pairs(self) -> list[tuple[str, int]]:
        return list(zip(self.members, itertools.count()))  # expect: DUR134


def common(left: dict[str, int], right: dict[str, int]) -> list[str]:
    return [key for key in left.keys() & right.keys()]  # expect: DUR134


def listing(words: list[str]) -> list[str]:
    unique = {word.lower() for word in words}
    return list(unique)  # expect: DUR134


def tuple_of(words: AbstractSet[str]) -> tuple[str, ...]:
    return tuple(words)  # expect: DUR134


def starred(words: set[str]) -> list[str]:
    return ["first", *words]  # expect: DUR134


def unpacked(words: set[str]) -> str:
    head, *_ = words  # expect: DUR134
    return head


def upper(words: set[str]) -> list[str]:
    return list(map(str.upper, words))  # expect: DUR134


def allowed(words: set[str]) -> list[str]:
    return [*filter(lambda word: word not in BLOCKED, words)]  # expect: DUR134


def weights(words: set[str]) -> dict[str, int]:
    return dict.fromkeys(words, 1)  # expect: DUR134


def text(words: list[str]) -> str:
    return ";".join(set(words).union(PRIORITY))  # expect: DUR134


def take(words: set[str]) -> str:
    words = words.copy()
    return words.pop()  # expect: DUR134


def indexed(words: set[str]) -> dict[str, int]:
    return {word: len(word) for word in words.difference(BLOCKED)}  # expect: DUR134


def find(words: set[str], prefix: str) -> str | None:
    for word in words ^ PRIORITY:  # expect: DUR134
        if word.startswith(prefix):
            return word
    return None


def numbered(words: set[str]) -> list[str]:
    lines: list[str] = []
    for word in words:  # expect: DUR134
        lines.append(f"{len(lines)} {word}")
    return lines


def digest(words: set[str]) -> list[str]:
    """For the statistics page; no flow calls it."""
    return list(words)
