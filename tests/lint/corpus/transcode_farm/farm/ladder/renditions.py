"""The bitrate ladder: which renditions a title gets."""

import random
import tempfile
from enum import Enum
from typing import Iterator, NamedTuple

__all__ = ["Codec", "Rendition", "Ladder", "scratch_name", "spread"]


class Codec(str, Enum):
    AVC = "avc"
    HEVC = "hevc"
    AV1 = "av1"


class Rendition(NamedTuple):
    codec: Codec
    height: int
    kbps: int

    def label(self) -> str:
        return f"{self.codec.value}-{self.height}p"


class Ladder:
    def __init__(self, heights: set[int], codecs: set[Codec]):
        self.heights = heights
        self.codecs = codecs

    def __iter__(self) -> Iterator[Rendition]:
        for height in self.heights:
            for codec in self.codecs:  # expect: DUR134
                yield Rendition(codec, height, height * 4)

    def __len__(self) -> int:
        return len(self.heights) * len(self.codecs)

    def top(self) -> int:
        return max(self.heights)


def spread(seconds: float, seed: str) -> float:
    """A delay that differs from title to title and never from run to run."""
    return random.Random(seed).uniform(0, seconds)


def _jitter() -> float:
    return random.uniform(0.5, 1.5)  # expect: DUR111


def backoff(attempt: int) -> float:
    return 2**attempt * _jitter()


def scratch_name(title: str) -> str:
    return tempfile.mkdtemp(prefix=title)  # expect: DUR122
