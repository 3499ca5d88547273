"""Random draws."""

from __future__ import annotations

import os
import random
import random as rnd
import secrets
from random import Random, SystemRandom, sample, shuffle

import numpy.random
from numpy.random import RandomState, default_rng

SEED = 20_240_601
EARLY = random.random()


class Urn:
    def __init__(self, balls: list[int], rng: Random) -> None:
        self.balls = balls
        self.rng = rng
        self.own = Random()  # expect: DUR111

    def draw(self) -> int:
        return self.rng.choice(self.balls)

    def mix(self) -> None:
        shuffle(self.balls)  # expect: DUR111


def seeds() -> list[float]:
    first = rnd.uniform(0, 1)  # expect: DUR111
    second = int.from_bytes(os.urandom(4), "big")  # expect: DUR111
    third = secrets.randbits(8)  # expect: DUR111
    fourth = Random(None).random()  # expect: DUR111
    fifth = SystemRandom().random()  # expect: DUR111
    sixth = float(numpy.random.randint(9))  # expect: DUR111
    seventh = float(RandomState().uniform())  # expect: DUR111
    eighth = float(default_rng(None).random())  # expect: DUR111
    return [first, second, third, fourth, fifth, sixth, seventh, eighth]


def token() -> str:
    return secrets.token_hex(8) if SEED else secrets.token_urlsafe()  # expect: DUR111


def picks(balls: list[int]) -> list[int]:
    return sample(balls, k=2)  # expect: DUR111


def same(left: str, right: str) -> bool:
    return secrets.compare_digest(left, right)


def seeded(key: str) -> list[float]:
    rng, other = Random(key), random.Random(SEED)
    generator = default_rng(SEED)
    return [rng.random(), other.gauss(0, 1), float(generator.random()), float(RandomState(1).rand())]


def from_parameter(random: Random) -> float:
    return random.random() + random.uniform(0, EARLY)  # expect: DUR111


def demo() -> float:
    random.seed(1)
    return random.random()
