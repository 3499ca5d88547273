from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import menu
from .models import Line, Order

DICE = random.Random(20240501)


def _lucky_guest(cents: int) -> int:
    return cents - random.randint(0, 200)  # expect: DUR111


def _happy_hour(cents: int) -> int:
    return cents * 80 // 100


def _staff(cents: int) -> int:
    return cents // 2


def _mystery(cents: int) -> int:
    return random.choice([cents, cents // 2])


DISCOUNTS: dict[str, Callable[[int], int]] = {
    "lucky": _lucky_guest,
    "happy": _happy_hour,
    "staff": _staff,
}


@dataclass
class Basket:
    lines: list[Line]

    @classmethod
    def from_order(cls, order: Order) -> Basket:
        return cls(lines=list(order.lines))

    def __iter__(self) -> Iterator[Line]:
        yield from self.lines

    def __len__(self) -> int:
        return sum(line.quantity for line in self.lines)

    def __add__(self, other: Basket) -> Basket:
        merged = {line.sku for line in (*self.lines, *other.lines)}
        return Basket([Line(sku) for sku in merged])  # expect: DUR134


def quote(basket: Basket, programme: str | None = None) -> int:
    total = sum(menu.price_of(line.sku) * line.quantity for line in basket)
    if programme is not None:
        total = DISCOUNTS[programme](total)
    return total


def quote_staff(basket: Basket) -> int:
    return DISCOUNTS["staff"](quote(basket))


def demo_quote(basket: Basket) -> int:
    return _mystery(quote(basket)) + DICE.randrange(10)
