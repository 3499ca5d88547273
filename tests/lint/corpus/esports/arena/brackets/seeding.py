"""Seeding and pairing of teams."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

random_state = 20260101


@dataclass(order=True)
class Team:
    rating: int
    name: str = field(compare=False)
    players: set[str] = field(default_factory=set, compare=False)


def draw(teams: list[Team], seed: int) -> list[Team]:
    rng = random.Random(seed)
    drawn = list(teams)
    rng.shuffle(drawn)
    return drawn


def pairs(teams: list[Team]) -> Iterator[tuple[Team, Team]]:
    half = len(teams) // 2
    yield from zip(sorted(teams, reverse=True)[:half], sorted(teams)[:half])


def rounds(count: int) -> int:
    return max(1, math.ceil(math.log2(count)))


def groups(teams: list[Team], size: int) -> list[list[Team]]:
    ordered = sorted(teams)
    return [list(itertools.islice(ordered, start, start + size)) for start in range(0, len(ordered), size)]


def roster(teams: list[Team]) -> list[str]:
    names: set[str] = set()
    for team in teams:
        names.update(team.players)
    return sorted(names)


def common_players(left: Team, right: Team) -> bool:
    return not left.players.isdisjoint(right.players)
