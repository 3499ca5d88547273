"""Allocation to arms. Block randomisation, with a fallback for tiny sites."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence

import durable_async as da

from .domain import Arm, Site

_BLOCKS: dict[str, list[Arm]] = {}
RATIO = {Arm.ACTIVE: 2, Arm.PLACEBO: 1}


def _block(rng: random.Random) -> list[Arm]:
    block = [arm for arm, n in RATIO.items() for _ in range(n)]
    rng.shuffle(block)
    return block


def allocate(site: Site) -> Arm:
    block = _BLOCKS.get(site.code)  # expect: DUR141
    if not block:
        block = _block(random.Random())  # expect: DUR111
        _BLOCKS[site.code] = block  # expect: DUR141
    return block.pop()


def allocate_durably(site: Site) -> Arm:
    return _block(da.random(site.code)).pop()


def coin(arms: Sequence[Arm]) -> Arm:
    return secrets.choice(arms)  # expect: DUR111


def kit_number(site: Site, used: Sequence[int]) -> int:
    number = int.from_bytes(os.urandom(2), "big")  # expect: DUR111
    while number in used:
        number += 1
    return number


def simulate(trials: int) -> float:
    """Statistician's notebook imports this."""
    hits = sum(random.random() < 2 / 3 for _ in range(trials))
    return hits / trials
