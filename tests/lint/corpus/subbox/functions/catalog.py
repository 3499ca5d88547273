"""Choosing what goes into a box."""
from __future__ import annotations

import glob
import random
import tempfile
from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd

SEASON = {"winter": "tea", "summer": "ice"}


class Item(TypedDict):
    sku: str
    weight: int


def shuffled(items: Sequence[Item]) -> list[Item]:
    out = list(items)
    random.shuffle(out)  # expect: DUR111
    return out


def shuffled_for(member: str, items: Sequence[Item]) -> list[Item]:
    out = list(items)
    random.Random(member).shuffle(out)
    return out


def _by_weight(left: Item, right: Item) -> int:
    return left["weight"] - right["weight"] or len(tempfile.gettempdir())  # expect: DUR122


def _by_sku(left: Item, right: Item) -> int:
    return (left["sku"] > right["sku"]) - (left["sku"] < right["sku"])


def heaviest(items: Iterable[Item]) -> Item:
    return max(items, key=cmp_to_key(_by_weight))


def ranked(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=cmp_to_key(_by_sku))


def stock_table() -> list[dict[str, Any]]:
    return pd.read_csv("/srv/stock.csv").to_dict("records")  # expect: DUR122


def tidy(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame = pd.DataFrame(rows)
    return frame.drop_duplicates().to_dict("records")


def remember(sku: str) -> int:
    global _last
    _last = sku  # expect: DUR141
    return len(sku)


_last = ""


def season(name: str) -> str:
    return SEASON[name]


def leaflets() -> list[str]:
    return sorted(glob.glob("/srv/leaflets/*.pdf"))


def leaflet(name: str) -> str:
    return Path("/srv/leaflets").joinpath(name).with_suffix(".pdf").as_posix()
