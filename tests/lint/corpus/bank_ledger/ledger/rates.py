"""Interest and exchange rates."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from urllib import request

DATA = Path(__file__).with_name("rates.json")
FALLBACK = {"EUR": "1", "CHF": "0.95"}


class RateTable:
    def __init__(self, path: Path = DATA) -> None:
        self.path = path
        self._rates: dict[str, Decimal] = {}

    def load(self) -> "RateTable":
        if not self.path.exists():  # expect: DUR122
            self._rates = {code: Decimal(text) for code, text in FALLBACK.items()}
            return self
        raw = self.path.read_text()  # expect: DUR122
        self._rates = {code: Decimal(text) for code, text in json.loads(raw).items()}
        return self

    def __getitem__(self, currency: str) -> Decimal:
        if currency not in self._rates:
            with request.urlopen(f"https://rates.example/{currency}") as answer:  # expect: DUR121
                self._rates[currency] = Decimal(json.load(answer)["rate"])
        return self._rates[currency]

    @property
    def name(self) -> str:
        return self.path.stem

    def to_csv(self) -> str:
        buffer = io.StringIO()
        csv.writer(buffer).writerows(self._rates.items())
        return buffer.getvalue()


def import_rates(path: str) -> int:
    """The treasury's command line."""
    with open(path) as source:
        return len(json.load(source))
