"""What agents remember between turns."""

from __future__ import annotations

import collections
import functools
import hashlib
import re

NOTES: collections.deque[str] = collections.deque(maxlen=50)
INDEX: dict[str, set[int]] = {}
STOP_WORDS = frozenset({"the", "a", "and", "of"})
_turns = 0


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP_WORDS]


def remember(text: str) -> int:
    global _turns
    _turns += 1  # expect: DUR141
    NOTES.append(text)  # expect: DUR141
    for word in words(text):
        INDEX.setdefault(word, set()).add(_turns)  # expect: DUR141
    return len(NOTES)  # expect: DUR141


def recall(word: str) -> list[str]:
    turns = INDEX.get(word, set())  # expect: DUR141
    return [note for number, note in enumerate(NOTES, 1) if number in turns]  # expect: DUR141


def compress(texts: list[str], seen: dict[str, int] = {}) -> list[str]:
    kept = []
    for text in texts:
        key = hashlib.md5(text.encode()).hexdigest()
        seen[key] = seen.get(key, 0) + 1  # expect: DUR141
        if seen[key] < 3:
            kept.append(text)
    return kept


@functools.lru_cache
def idf(word: str) -> float:
    """Used by the nightly evaluation."""
    return 1.0 / (1 + len(INDEX.get(word, ())))
