from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

_weights: dict[str, float] | None = None


def weights() -> dict[str, float]:
    global _weights
    if _weights is None:  # expect: DUR141
        _weights = json.loads(Path("weights.json").read_text())  # expect: DUR122, DUR141
    return _weights  # expect: DUR141


class ComparableFinder:
    def __init__(self, city: str, engine: Engine | None = None) -> None:
        self.city = city
        self.engine: Engine = engine or create_engine("sqlite:///comparables.db")
        self.connection = http.client.HTTPSConnection("register.example")

    def near(self, price: int) -> list[int]:
        self.connection.request("GET", f"/{self.city}")  # expect: DUR121
        with self.engine.begin() as transaction:  # expect: DUR121
            rows = transaction.execute(text("select price from sale"))  # expect: DUR121
            return [round(p + self._noise()) for (p,) in rows if abs(p - price) < 50_000]

    def _noise(self) -> float:
        return float(torch.randn(1))  # expect: DUR111

    def pages(self) -> Iterator[Path]:
        yield from Path("sales").glob(f"{self.city}-*.html")
