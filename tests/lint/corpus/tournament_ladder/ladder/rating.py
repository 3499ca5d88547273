"""Glicko-like ratings: value objects and the systems that update them."""

from __future__ import annotations

import enum
import math
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import ClassVar

import nanoid


class Outcome(enum.Enum):
    WIN = 1.0
    DRAW = 0.5
    LOSS = 0.0

    @classmethod
    def _missing_(cls, value: object) -> Outcome:
        return random.choice([cls.WIN, cls.LOSS])  # expect: DUR111

    @property
    def reverse(self) -> Outcome:
        return Outcome(1.0 - self.value)

    def points(self) -> int:
        return {Outcome.WIN: 3, Outcome.DRAW: 1}.get(self, 0)


@dataclass
class Rating:
    player: str
    value: float = 1500.0
    deviation: float = 350.0
    boost: InitVar[float] = 0.0
    id: str = field(default_factory=nanoid.generate)  # expect: DUR112
    history: list[float] = field(default_factory=list, repr=False)

    epoch: ClassVar[float] = time.time()

    def __post_init__(self, boost: float) -> None:
        self.value += boost
        self.updated = datetime.today()  # expect: DUR101

    def __sub__(self, other: Rating) -> float:
        return self.value - other.value

    def __rshift__(self, points: float) -> Rating:
        self.history.append(self.value)
        self.value += points
        return self

    def __gt__(self, other: Rating) -> bool:
        return self.value > other.value

    def __index__(self) -> int:
        return round(self.value)


class System(ABC):
    def __init_subclass__(cls) -> None:
        cls.registered = time.time()  # type: ignore[attr-defined]

    @abstractmethod
    def delta(self, mine: Rating, theirs: Rating, outcome: Outcome) -> float: ...

    def expected(self, gap: float) -> float:
        return 1 / (1 + math.pow(10, -gap / 400))

    def update(self, mine: Rating, theirs: Rating, outcome: Outcome) -> None:
        points = self.delta(mine, theirs, outcome)
        mine >> points
        theirs >> -points


class Elo(System):
    def __init__(self, k: int = 32) -> None:
        self.k = k

    def delta(self, mine, theirs, outcome):
        return self.k * (outcome.value - self.expected(mine - theirs))


class Blitz(Elo):
    def delta(self, mine, theirs, outcome):
        base = super().delta(mine, theirs, outcome)
        return base * (1 + self.noise())

    def noise(self) -> float:
        return random.triangular(-0.1, 0.1)  # expect: DUR111


class Seasonal(Elo):
    def expected(self, gap: float) -> float:
        return super().expected(gap + time.gmtime().tm_mon)  # expect: DUR101


class Experimental(Elo):
    """Compared offline with the others, see `simulate`."""

    def delta(self, mine, theirs, outcome):
        return random.gauss(0, self.k)


SYSTEMS: dict[str, Callable[[], System]] = {"elo": Elo, "blitz": Blitz, "seasonal": lambda: Seasonal(24)}


def simulate(rounds: int) -> float:
    system, ratings = Experimental(), [Rating("a"), Rating("b")]
    for _ in range(rounds):
        system.update(*ratings, random.choice(list(Outcome)))
    return ratings[0] - ratings[1]
