"""Cuts contracts into clauses and picks samples of them."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

_HEADING = re.compile(r"^\d+(\.\d+)*\s+[A-Z]", re.MULTILINE)


def clauses(text: str) -> Iterator[str]:
    starts = [match.start() for match in _HEADING.finditer(text)] or [0]
    for begin, end in zip(starts, [*starts[1:], len(text)]):
        yield text[begin:end].strip()


def distinct(parts: Sequence[str]) -> list[str]:
    """Without repetitions, in the order of first appearance."""
    return list(dict.fromkeys(parts))


def vocabulary(parts: Sequence[str]) -> list[str]:
    words = {word.lower() for part in parts for word in part.split() if len(word) > 9}
    return [w for w in words if w.isalpha()]  # expect: DUR134


def sample(parts: Sequence[str], size: int, choose: Callable[[Sequence[str], int], list[str]] | None = None) -> list[str]:
    if size >= len(parts):
        return list(parts)
    if choose is not None:
        return choose(parts, size)
    return random.sample(parts, size)  # expect: DUR111


def reproducible_sample(parts: Sequence[str], size: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    shuffled = list(parts)
    rng.shuffle(shuffled)
    return shuffled[:size]


def windows(parts: Sequence[str], width: int, *, jitter: bool = False) -> list[str]:
    out = []
    position = 0
    while position < len(parts):
        step = width + (random.randint(-1, 1) if jitter else 0)  # expect: DUR111
        out.append("\n".join(parts[position : position + step]))
        position += max(1, step)
    return out
