"""The translation memory: segments we have translated before."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import shelve
import typing
from collections import ChainMap, Counter
from datetime import datetime

if typing.TYPE_CHECKING:
    from os import PathLike


@dataclasses.dataclass(kw_only=True)
class Segment:
    source: str
    target: str = ""
    touched: datetime | None = None

    def touch(self) -> Segment:
        return dataclasses.replace(self, touched=datetime.now())  # expect: DUR101

    def similarity(self, other: str) -> float:
        return difflib.SequenceMatcher(None, self.source, other).ratio()


class Memory:
    _instance: typing.ClassVar[Memory | None] = None

    def __init__(self) -> None:
        self._segments: dict[str, Segment] = {}
        self._layers: ChainMap[str, str] = ChainMap({})

    @classmethod
    def instance(cls) -> Memory:
        if cls._instance is None:  # expect: DUR141
            cls._instance = cls()  # expect: DUR141
        return cls._instance  # expect: DUR141

    def lookup(self, text: str) -> Segment | None:
        best = max(self._segments.values(), key=lambda s: s.similarity(text), default=None)
        return best.touch() if best else None

    def load(self, path: PathLike[str]) -> None:
        with contextlib.closing(shelve.open(str(path))) as shelf:  # expect: DUR122
            self._segments.update(shelf)

    def vocabulary(self) -> Counter[str]:
        return Counter(word for segment in self._segments.values() for word in segment.source.split())

    def rare(self) -> list[str]:
        words = set(self.vocabulary())
        common = {"the", "a", "an"}
        return [*(words - common)]  # expect: DUR134

    def flush(self, path: PathLike[str]) -> None:
        with shelve.open(str(path)) as shelf:
            shelf.update(self._segments)
