import math
import random
import uuid as uuidlib
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime as dt

_recent: deque[str] = deque(maxlen=100)
_table: "OrderedDict[str, float]" = OrderedDict(bronze=0.0, silver=1200.0, gold=1600.0)


@dataclass(order=True)
class Ticket:
    rating: float
    player: str = field(compare=False)
    ident: str = field(default_factory=lambda: uuidlib.uuid4().hex, compare=False)  # expect: DUR112
    since: float = field(default=0.0, compare=False)

    def __hash__(self) -> int:
        return hash(self.player)

    def __sub__(self, other: "Ticket") -> float:
        return abs(self.rating - other.rating)


def expected(a: float, b: float) -> float:
    return 1 / (1 + math.pow(10, (b - a) / 400))


def league(rating: float) -> str:
    best = "bronze"
    for name, floor in _table.items():
        if rating >= floor:
            best = name
    return best


def remember(player: str) -> None:
    _recent.append(player)  # expect: DUR141


def coin() -> bool:
    return random.getrandbits(1) == 1  # expect: DUR111


def season(now: dt | None = None) -> str:
    now = now or dt.utcnow()  # expect: DUR101
    return f"{now.year}-{(now.month - 1) // 3 + 1}"


def season_of(moment: float) -> str:
    return f"{dt.fromtimestamp(moment).year}"


def shuffled(players: list[str], rng: random.Random) -> list[str]:
    copy = list(players)
    rng.shuffle(copy)
    return copy
