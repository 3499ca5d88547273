from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import InitVar, dataclass, field
from functools import reduce, total_ordering
from itertools import islice, zip_longest


@total_ordering
@dataclass(frozen=True)
class Timecode:
    frames: int
    rate: int = 24

    def __lt__(self, other: Timecode) -> bool:
        return self.frames * other.rate < other.frames * self.rate

    def __add__(self, other: Timecode) -> Timecode:
        return Timecode(self.frames + other.frames, self.rate)

    def __format__(self, spec: str) -> str:
        if spec == "wall":
            return time.ctime()  # expect: DUR101
        return f"{self.frames // self.rate}:{self.frames % self.rate:02d}"


@dataclass
class Clip:
    name: str
    length: Timecode
    tags: frozenset[str] = frozenset()
    tape: InitVar[str | None] = None
    ingested: str = field(init=False, default="")

    def __post_init__(self, tape: str | None) -> None:
        self.ingested = time.strftime("%Y-%m-%d")  # expect: DUR101
        if tape:
            self.name = f"{tape}/{self.name}"

    def label(self) -> str:
        return "+".join(self.tags)  # expect: DUR134

    def sorted_label(self) -> str:
        return "+".join(sorted(self.tags))


def walk(clips: Iterable[Clip]) -> Generator[Timecode, None, int]:
    position = Timecode(0)
    count = 0
    for clip in clips:
        yield position
        position = position + clip.length
        count += 1
    return count


def all_tags(clips: Iterable[Clip]) -> set[str]:
    return reduce(set.union, (set(clip.tags) for clip in clips), set())


def tag_columns(clips: list[Clip]) -> list[tuple[str, str]]:
    left = all_tags(clips)
    return list(zip_longest(left, [clip.name for clip in clips], fillvalue=""))  # expect: DUR134


def tag_lengths(clips: list[Clip]) -> int:
    longest = 0
    for tag in all_tags(clips):
        longest = max(longest, len(tag))
    return longest


def first(items: Iterator[str], count: int) -> list[str]:
    return list(islice(items, count))


def lone_tag(clip: Clip) -> str:
    (only,) = sorted(clip.tags)[:1] or [""]
    return only


def some_tag(clip: Clip) -> str | None:
    return next(iter(clip.tags), None)  # expect: DUR134
