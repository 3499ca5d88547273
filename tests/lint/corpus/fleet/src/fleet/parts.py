from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from .steps import order_part

ALWAYS = frozenset({"oil-filter", "washer"})
_ON_ORDER: set[str] = set()


def needed(defects: Iterable[str]) -> set[str]:
    return {defect.split(": ")[-1] for defect in defects} | ALWAYS


def counted(defects: Iterable[str]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for sku in needed(defects):
        tally[sku] += 1
    return tally


def missing(stock: dict[str, int], wanted: dict[str, int]) -> list[str]:
    gone = wanted.keys() - stock.keys()
    return [sku for sku in gone]  # expect: DUR134


async def order_all(defects: list[str]) -> list[str]:
    placed = []
    for sku in needed(defects):  # expect: DUR134
        placed.append(await order_part(sku, 1))
    return placed


async def order_sorted(defects: list[str]) -> list[str]:
    return list(await asyncio.gather(*[order_part(sku, 1) for sku in sorted(needed(defects))]))


async def order_once(sku: str) -> bool:
    if sku in _ON_ORDER:  # expect: DUR141
        return False
    await order_part(sku, 2)
    _ON_ORDER.add(sku)  # expect: DUR141
    return True


def cheapest(skus: set[str]) -> str:
    return min(skus, default="")


def any_of(skus: set[str]) -> str:
    return skus.pop()  # expect: DUR134
