"""Places that are drawn by lot when there are more applicants than the law lets us rank."""
from __future__ import annotations

import hashlib
import random

import numpy as np


def draw(ids: list[str], places: int, seed: str) -> list[str]:
    """The public draw: anybody with the seed can check it."""
    order = sorted(ids, key=lambda i: hashlib.sha256(f"{seed}:{i}".encode()).digest())
    return order[:places]


def waiting_list(ids: list[str], seed: int) -> list[str]:
    generator = np.random.default_rng(seed)
    return [ids[i] for i in generator.permutation(len(ids))]


def tie_break(a: str, b: str) -> str:
    return random.choice((a, b))  # expect: DUR111


def rank(scores: dict[str, float], places: int) -> list[str]:
    ordered = sorted(scores, key=lambda i: (scores[i], i))
    if places < len(ordered) and scores[ordered[places - 1]] == scores[ordered[places]]:
        ordered[places - 1] = tie_break(ordered[places - 1], ordered[places])
    return ordered[:places]
