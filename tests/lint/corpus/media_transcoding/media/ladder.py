"""The bitrate ladder: which renditions a source gets."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from functools import total_ordering

from media.probe import Source

HEIGHTS = {2160, 1440, 1080, 720, 480, 360}
BITRATES = {2160: 16_000, 1440: 9_000, 1080: 6_000, 720: 3_500, 480: 1_400, 360: 800}
CODECS = {"h264", "vp9", "av1"}


@total_ordering
class Rendition:
    def __init__(self, codec: str, height: int, kbps: int) -> None:
        self.codec = codec
        self.height = height
        self.kbps = kbps

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rendition) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Rendition) -> bool:
        return self.key < other.key

    @property
    def key(self) -> tuple[int, str]:
        return (self.height, self.codec)

    def __str__(self) -> str:
        return f"{self.codec}-{self.height}p"


def heights_for(source: Source) -> list[int]:
    return sorted((h for h in HEIGHTS if h <= source.height), reverse=True)


def build_ladder(source: Source, codecs: Iterable[str] = ()) -> list[Rendition]:
    chosen = CODECS & set(codecs) if codecs else CODECS
    ladder = []
    for codec in chosen:  # expect: DUR134
        for height in heights_for(source):
            ladder.append(Rendition(codec, height, BITRATES[height]))
    return ladder


def ladder_keys(ladder: list[Rendition]) -> list[str]:
    return [str(rendition) for rendition in sorted(set(ladder))]


def segment_lengths(seconds: float, target: float = 6.0) -> list[float]:
    count = max(1, math.ceil(seconds / target))
    return [round(seconds / count, 3)] * count


def poster_time(source: Source) -> float:
    return source.seconds * random.betavariate(2, 5)  # expect: DUR111


def preview_times(source: Source, count: int) -> list[float]:
    generator = random.Random(source.key)
    return sorted(generator.uniform(0, source.seconds) for _ in range(count))


def shuffled(ladder: list[Rendition]) -> list[Rendition]:
    return random.sample(ladder, len(ladder))
