"""Pairing systems. A pairing is a callable from standings to pairs."""

from __future__ import annotations

import itertools
import random
import random as rnd
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

import durable_async as da

from .players import Player, Standing, regions

Pair: TypeAlias = tuple[Player, Player]
Pairing: TypeAlias = Callable[[Sequence[Standing]], list[Pair]]

PAIRINGS: dict[str, Pairing] = {}


def pairing(name: str) -> Callable[[Pairing], Pairing]:
    def add(function: Pairing) -> Pairing:
        PAIRINGS[name] = function
        return function

    return add


@pairing("random")
def random_pairs(standings: Sequence[Standing]) -> list[Pair]:
    players = [standing.player for standing in standings]
    rnd.shuffle(players)  # expect: DUR111
    return list(zip(players[::2], players[1::2]))


@pairing("draw")
def drawn_pairs(standings: Sequence[Standing]) -> list[Pair]:
    players = [standing.player for standing in standings]
    da.random("draw").shuffle(players)
    return list(zip(players[::2], players[1::2]))


@pairing("swiss")
def swiss_pairs(standings: Sequence[Standing]) -> list[Pair]:
    rest = sorted(standings, key=lambda s: (-s.points, *s.player.seed))
    pairs: list[Pair] = []
    while len(rest) > 1:
        first = rest.pop(0)
        index = next((i for i, s in enumerate(rest) if s.player.name not in first.opponents), 0)
        pairs.append((first.player, rest.pop(index).player))
    return pairs


@pairing("regional")
def regional_pairs(standings: Sequence[Standing]) -> list[Pair]:
    pairs: list[Pair] = []
    for region in regions(s.player for s in standings):  # expect: DUR134
        locals_ = [s.player for s in standings if s.player.region == region]
        pairs.extend(itertools.combinations(locals_, 2))
    return pairs


@pairing("berger")
def berger_pairs(standings: Sequence[Standing]) -> list[Pair]:
    return list(itertools.combinations((s.player for s in standings), 2))


class Jitter:
    """Breaks ties of the rating by a small amount."""

    def __init__(self, width: float, seed: int | None = None) -> None:
        self._width = width
        self._generator = random.Random(seed) if seed is not None else random.SystemRandom()  # expect: DUR111

    def __call__(self, player: Player) -> float:
        return player.rating + self._generator.uniform(-self._width, self._width)


def expected(home: Player, away: Player) -> float:
    return float(1 / (1 + np.power(10.0, (away.rating - home.rating) / 400)))


def coin_flip() -> bool:
    return random.getrandbits(1) == 1
