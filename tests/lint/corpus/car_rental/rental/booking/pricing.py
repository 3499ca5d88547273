from __future__ import annotations

import datetime as _dt
import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

SEASON = {7: 1.4, 8: 1.5, 12: 1.2}


@dataclass
class Quote:
    total: int
    deposit: int
    issued: _dt.datetime = field(default_factory=_dt.datetime.utcnow)  # expect: DUR101
    salt: float = field(default_factory=random.random)  # expect: DUR111


@dataclass
class PrintedQuote(Quote):
    printed_by: str = field(default_factory=lambda: os.getlogin())


def quote_for(car_class: str, days: int, extras: Iterable[str]) -> Quote:
    factor = SEASON.get(_month(), 1.0)
    price = int(BASE[car_class] * days * factor) + sum(EXTRAS.get(e, 0) for e in extras)
    return Quote(price, price // 5)


def _month(today=None) -> int:
    today = today or _dt.date.today()  # expect: DUR101
    return today.month


BASE = {"economy": 3900, "estate": 6200, "van": 8900}
EXTRAS = {"seat": 700, "gps": 900}


def seasonal(day: _dt.date) -> float:
    return SEASON.get(_month(day), 1.0)
