"""Data frames: built from rows that activities fetched."""

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import default_rng

COLUMNS = ["sku", "day", "units"]
SEED = 20_250_101
_BASELINE = np.zeros(7)


def to_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.sort_values(["sku", "day"], ignore_index=True)


def from_csv_text(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


def with_calendar(frame: pd.DataFrame, calendar: str = "/srv/calendar.parquet") -> pd.DataFrame:
    holidays = pd.read_parquet(calendar)  # expect: DUR122
    return frame.merge(holidays, on="day", how="left")


def bootstrap(values: list[float], rounds: int = 500) -> tuple[float, float]:
    rng = default_rng(SEED)
    means = [rng.choice(values, size=len(values)).mean() for _ in range(rounds)]
    return float(np.quantile(means, 0.05)), float(np.quantile(means, 0.95))


def jittered(values: list[float], scale: float = 0.01) -> list[float]:
    rng = default_rng()  # expect: DUR111
    return [value + float(noise) for value, noise in zip(values, rng.normal(0, scale, len(values)))]


def permuted(values: list[float]) -> list[float]:
    return list(np.random.permutation(values))


def horizon(days: int) -> list[str]:
    start = pd.Timestamp.now(tz="UTC").normalize()  # expect: DUR101
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(start, periods=days)]


def seasonal(values: list[float], period: int = 7) -> list[float]:
    table = np.array(values[: len(values) // period * period]).reshape(-1, period)
    return [float(x) for x in table.mean(axis=0) + _BASELINE]


def snapshot(frame: pd.DataFrame, folder: Path) -> Path:
    """For notebooks."""
    target = folder / f"{time.strftime('%H%M%S')}.parquet"
    frame.sample(frac=0.1).to_parquet(target)
    return target
