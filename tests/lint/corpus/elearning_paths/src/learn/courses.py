"""Course material as a tree; `walk` yields what a learner does next."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

LIBRARY = Path("/srv/courses")


@dataclass
class Lesson:
    slug: str
    minutes: int = 10
    tags: set[str] = field(default_factory=set)
    children: list[Lesson] = field(default_factory=list)

    def __truediv__(self, slug: str) -> Lesson:
        for child in self.children:
            if child.slug == slug:
                return child
        raise KeyError(slug)

    def walk(self) -> Iterator[Lesson]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def body(self) -> str:
        return (LIBRARY / f"{self.slug}.md").read_text()  # expect: DUR122

    @property
    def cover(self) -> PurePath:
        return PurePath("covers", self.slug).with_suffix(".png")

    @functools.cached_property
    def words(self) -> int:
        return len(self.body.split())


def visitor() -> Generator[int, Lesson | None, list[str]]:
    """Coroutine in the old sense: is sent lessons, yields the minutes so far."""
    total, seen = 0, []
    while (lesson := (yield total)) is not None:
        total += lesson.minutes * random.choice((1, 2))  # expect: DUR111
        seen.append(lesson.slug)
    return seen


def keywords(root: Lesson) -> list[str]:
    tags = set(itertools.chain.from_iterable(lesson.tags for lesson in root.walk()))
    return [tag.upper() for tag in tags]  # expect: DUR134


def quiz(root: Lesson, seed: str, size: int) -> list[str]:
    rng = random.Random(seed)
    slugs = [lesson.slug for lesson in root.walk()]
    rng.shuffle(slugs)
    return slugs[:size]


def map_tree(root: Lesson, change: Callable[[Lesson], Lesson]) -> Lesson:
    return replace(change(root), children=[map_tree(child, change) for child in root.children])


def publish(root: Lesson) -> None:
    """Used by the authors' tool."""
    for lesson in root.walk():
        (LIBRARY / lesson.slug).with_suffix(".html").write_text(f"<p>{lesson.body}</p>")
