"""Cuts documents into overlapping windows. Nothing in here leaves the process."""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

SENTENCE = re.compile(r"(?<=[.!?])\s+")
NAMESPACE = uuid.UUID("3f1c0f86-6f0e-4a53-9d41-07e3f4a0a2c1")


@dataclass(frozen=True, slots=True)
class Chunk:
    document: str
    index: int
    text: str

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.document}#{self.index}"))

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.text.encode(), digest_size=8).hexdigest()


def split(document: str, text: str, *, size: int = 800, overlap: int = 1) -> Iterator[Chunk]:
    window: list[str] = []
    index = 0
    for sentence in SENTENCE.split(text):
        window.append(sentence)
        if sum(map(len, window)) >= size:
            yield Chunk(document, index, " ".join(window))
            index += 1
            window = window[-overlap:]
    if window:
        yield Chunk(document, index, " ".join(window))


def sample(chunks: list[Chunk], share: float, seed: int) -> list[Chunk]:
    """The same share for the same seed, whoever asks."""
    rng = random.Random(seed)
    return [chunk for chunk in chunks if rng.random() < share]


def vocabulary(chunks: list[Chunk]) -> list[str]:
    words: set[str] = set()
    for chunk in chunks:
        words.update(chunk.text.lower().split())
    return sorted(words)


def duplicates(chunks: list[Chunk]) -> int:
    digests = {chunk.digest for chunk in chunks}
    return len(chunks) - len(digests)
