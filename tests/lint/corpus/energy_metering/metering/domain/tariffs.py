"""Tariffs: fixed, dynamic, and the family tariff that nobody understands."""
from __future__ import annotations

import abc
import csv
import functools
import pathlib
from dataclasses import dataclass
from decimal import Decimal

from .readings import Series

TABLE = pathlib.Path(__file__).with_name("spot_prices.csv")


class Tariff(abc.ABC):
    base_fee = Decimal("9.90")

    @abc.abstractmethod
    def energy(self, series: Series) -> Decimal: ...

    def monthly(self, series: Series) -> Decimal:
        return (self.base_fee + self.energy(series)).quantize(Decimal("0.01"))


@dataclass
class Fixed(Tariff):
    cents_per_kwh: int = 32

    def energy(self, series: Series) -> Decimal:
        return Decimal(series.consumption()) * self.cents_per_kwh / 100_000


@functools.lru_cache(maxsize=None)  # expect: DUR141
def spot_prices() -> dict[int, Decimal]:
    with TABLE.open(newline="") as file:  # expect: DUR122
        return {int(r["hour"]): Decimal(r["eur"]) for r in csv.DictReader(file)}


class Dynamic(Tariff):
    markup = Decimal("0.018")

    def energy(self, series: Series) -> Decimal:
        prices = spot_prices()
        total = Decimal(0)
        for before, after in zip(series, series[1:]):
            total += (after.wh - before.wh) * (prices[before.time.hour] + self.markup) / 1000
        return total


class Family(Dynamic):
    base_fee = Decimal("4.90")

    def __init__(self, members: int) -> None:
        self.members = members

    def energy(self, series: Series) -> Decimal:
        return super().energy(series) * (100 - min(self.members, 6) * 2) / 100


def tariff(name: str, members: int = 1) -> Tariff:
    match name:
        case "fixed":
            return Fixed()
        case "dynamic":
            return Dynamic()
        case "family":
            return Family(members)
    raise ValueError(f"no tariff {name!r}")
