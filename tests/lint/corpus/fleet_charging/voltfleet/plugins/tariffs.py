"""Tariffs: cents for a charging session."""

from __future__ import annotations

import datetime
import os
import random
from decimal import Decimal

import httpx
import numpy as np
import pandas as pd

from voltfleet.registry import tariffs

BASE = Decimal("0.31")
SURCHARGE = {"fast": 12, "slow": 0}


@tariffs.register("flat")
def flat(kwh: float, kind: str) -> int:
    return int(Decimal(kwh) * BASE * 100) + SURCHARGE[kind]


@tariffs.register("spot")
def spot(kwh: float, kind: str) -> int:
    price = httpx.get("https://spot.example.com/now", timeout=2).json()["price"]  # missed: DUR121
    hour = datetime.datetime.utcnow().hour  # missed: DUR101
    return int(kwh * price * (110 if hour in range(17, 21) else 100)) + SURCHARGE[kind]


@tariffs.register("table")
def table(kwh: float, kind: str) -> int:
    frame = pd.read_csv(os.path.join(os.environ["TARIFFS"], f"{kind}.csv"))  # missed: DUR122, DUR124
    return int(frame["cents"].iloc[0] * kwh)


@tariffs.register("auction")
def auction(kwh: float, kind: str) -> int:
    noise = np.random.normal(0.0, 0.5)  # missed: DUR111
    steady = np.random.default_rng(len(kind)).normal(0.0, 0.5)
    return round((kwh + noise + steady) * 30)


def simulate(days: int) -> list[int]:
    """For the pricing team's notebooks."""
    return [spot(random.uniform(5, 60), "fast") for _ in range(days)]
