import asyncio
import contextlib
import contextvars
import functools
import itertools
import operator
import os
import random
import threading
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import durable_async as da

from .rating import SYSTEMS, Outcome, Rating

arena: contextvars.ContextVar[str] = contextvars.ContextVar("arena", default="main")
_ids = itertools.count(1)
_seats = threading.local()


class Pairing(NamedTuple):
    home: str
    away: str

    def swapped(self) -> "Pairing":
        return Pairing(self.away, self.home)

    def coin(self) -> "Pairing":
        return self if random.getrandbits(1) else self.swapped()  # expect: DUR111

    @property
    def room(self) -> str:
        return f"{arena.get()}-{self.home}-{self.away}"

    def __enter__(self) -> str:
        os.mkfifo(self.room)  # expect: DUR122
        return self.room

    def __exit__(self, *exc: object) -> None:
        os.unlink(self.room)  # expect: DUR122


@da.activity
async def host(room: str, seconds: int) -> float:
    return random.random() * time.time()


@da.activity
async def announce(text: str) -> None: ...


def pairings(players: Iterable[str]) -> Iterator[Pairing]:
    ordered = sorted(players)
    half = len(ordered) // 2
    yield from (Pairing(*pair).coin() for pair in zip(ordered[:half], ordered[half:]))


def outcome(score: float) -> Outcome:
    match score:
        case 1 | 1.0:
            return Outcome.WIN
        case 0:
            return Outcome.LOSS
        case float(value) if value == 0.5:
            return Outcome.DRAW
        case _:
            return Outcome(score)


def in_arena(name: str, pairing: Pairing) -> str:
    context = contextvars.copy_context()

    def enter() -> str:
        arena.set(name)
        print("entered", name)  # expect: DUR143
        return pairing.room

    return context.run(enter)


@da.orchestrator
async def play_match(home: str, away: str, system: str = "elo", name: str = "main") -> list[float]:
    pairing = Pairing(home, away)
    ratings = Rating(home), Rating(away, boost=10.0)
    with pairing as room:
        score = await host(f"{in_arena(name, pairing)}/{room}", 600)
    result = outcome(score)
    SYSTEMS[system]().update(*ratings, result.reverse)
    loser = min(ratings, key=operator.index)
    try:
        async with asyncio.timeout(60):
            await announce(f"{loser.player} lost, {result.points()} points")
    finally:
        if score < 0:
            return []  # expect: DUR135
    return [rating.value for rating in ratings]


@da.orchestrator
async def rematch(players: list[str], best_of: int) -> dict[str, int]:
    wins: dict[str, int] = dict.fromkeys(set(players), 0)  # expect: DUR134
    number = next(_ids)  # expect: DUR141
    for pairing in pairings(players):
        for _ in range(best_of):
            play_match(pairing.home, pairing.away)  # expect: DUR133
            values = await play_match(*pairing)
            wins[pairing.home] += values[0] > values[1]
    with contextlib.suppress(asyncio.CancelledError):  # expect: DUR135
        await announce(f"rematch {number}")
    leader = functools.reduce(lambda a, b: a if wins[a] >= wins[b] else b, wins)
    await announce(leader)
    return wins
