"""Ports (protocols) and the adapters that ship with the service."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Protocol

from .models import Line


class CourierRanking(Protocol):
    def rank(self, couriers: list[str], postcode: str) -> list[str]: ...


class FairRanking(CourierRanking):
    """Nobody is always first."""

    def rank(self, couriers: list[str], postcode: str) -> list[str]:
        shuffled = list(couriers)
        random.shuffle(shuffled)  # expect: DUR111
        return shuffled


class SeededRanking(CourierRanking):
    """Same idea, but a postcode always gives the same order."""

    def rank(self, couriers: list[str], postcode: str) -> list[str]:
        order = random.Random(postcode)
        return order.sample(couriers, k=len(couriers))


class PriceBook(Protocol):
    def price(self, sku: str) -> int: ...


class FilePriceBook(PriceBook):
    def __init__(self, root: Path) -> None:
        self.root = root
        self._label = root.name.upper()

    def price(self, sku: str) -> int:
        sheet = self.root / "prices" / f"{sku}.txt"
        if not sheet.exists():  # expect: DUR122
            return 0
        return int(sheet.read_text(encoding="utf-8"))  # expect: DUR122

    def label_for(self, sku: str) -> str:
        return self._label + "/" + (self.root / sku).stem


class FixedPriceBook(PriceBook):
    def __init__(self, prices: dict[str, int]) -> None:
        self._prices = dict(prices)

    def price(self, sku: str) -> int:
        return self._prices.get(sku, 0)


def reprice(lines: list[Line], book: PriceBook) -> int:
    return sum(book.price(line.sku) * line.quantity for line in lines)
