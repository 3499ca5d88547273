"""Quotes: a base rate and a pipeline of adjustments."""

import functools
import random
from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter

import attrs
import pendulum
import requests

now = datetime.now
_fx: dict[str, float] = {}


def _token() -> str:
    return f"q{random.getrandbits(32):x}"  # expect: DUR111


def _rounded(instance, attribute, value) -> None:
    if value < 0:
        print("negative price", value)  # expect: DUR143
        raise ValueError(attribute.name)


@attrs.define
class Quote:
    total: int = attrs.field(validator=_rounded)
    currency: str = "EUR"
    token: str = attrs.field(factory=_token)
    made: datetime = attrs.field(factory=lambda: now().astimezone())  # expect: DUR101

    @property
    def deposit(self) -> int:
        return round(self.total * rate(self.currency) * 0.2)


def rate(currency: str) -> float:
    if currency not in _fx:  # expect: DUR141
        answer = requests.get(f"https://fx.example/{currency}", timeout=5)  # expect: DUR121
        _fx[currency] = answer.json()["rate"]  # expect: DUR141
    return _fx[currency]  # expect: DUR141


def weekend(cents: int, arrival: date) -> int:
    return cents * 12 // 10 if arrival.weekday() >= 4 else cents


def last_minute(cents: int, arrival: date) -> int:
    return cents * 8 // 10 if arrival == pendulum.today().date() else cents  # expect: DUR101


def loyalty(cents: int, arrival: date, *, percent: int) -> int:
    return cents * (100 - percent) // 100


def auction(cents: int, arrival: date) -> int:
    """Retired with the auction site; kept for the old quotes' tests."""
    return cents + random.randint(-500, 500)


STEPS: tuple[Callable[[int, date], int], ...] = (weekend, last_minute, functools.partial(loyalty, percent=5))


@functools.lru_cache(maxsize=512)  # expect: DUR141
def base_rate(room: str) -> int:
    return {"single": 8_000, "double": 12_000}.get(room.split("-")[0], 15_000)


def quote_for(rooms: list[str], arrival: date) -> Quote:
    cents = functools.reduce(lambda sum_, room: sum_ + base_rate(room), rooms, 0)
    for step in STEPS:
        cents = step(cents, arrival)
    return Quote(cents)


def cheapest(quotes: list[Quote]) -> Quote:
    return min(quotes, key=attrgetter("total"))
