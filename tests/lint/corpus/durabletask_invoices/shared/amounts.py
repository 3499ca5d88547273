"""Amounts, fees and groups."""

from __future__ import annotations

import hashlib
import pathlib
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import requests

FEES = {30: 0.01, 60: 0.03, 90: 0.05}
_rates: dict[str, float] = {}


@dataclass
class Invoice:
    number: str
    vendor: str
    cents: int
    due: str = "2025-01-31"
    seen: str = field(default_factory=lambda: date.today().isoformat())  # expect: DUR101

    def __post_init__(self) -> None:
        if not self.number:
            self.number = f"X-{random.randrange(10**6)}"  # expect: DUR111

    @property
    def checksum(self) -> str:
        return hashlib.md5(f"{self.number}{self.cents}".encode()).hexdigest()

    @classmethod
    def scanned(cls, path: pathlib.Path) -> Invoice:
        """Used by the scanner's command line."""
        return cls(path.stem, path.parent.name, int(path.read_text()))


def late_fee(invoice: Invoice, now: datetime) -> int:
    late = now - datetime.strptime(invoice.due, "%Y-%m-%d").replace(tzinfo=now.tzinfo)
    share = max((s for days, s in FEES.items() if late > timedelta(days=days)), default=0.0)
    return int(invoice.cents * share)


def rate_for(currency: str) -> float:
    try:
        return _rates[currency]  # expect: DUR141
    except KeyError:
        reply = requests.get(f"https://ecb.example/{currency}")  # expect: DUR121
        _rates[currency] = float(reply.text)  # expect: DUR141
        return float(reply.text)


def split_by_vendor(invoices: Iterable[Invoice]) -> dict[str, list[Invoice]]:
    grouped: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        grouped[invoice.vendor].append(invoice)
    return dict(sorted(grouped.items()))


def vendors(invoices: Iterable[Invoice]) -> list[str]:
    return sorted({invoice.vendor for invoice in invoices})
