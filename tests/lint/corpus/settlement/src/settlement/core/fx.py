"""Exchange rates for merchants that settle in another currency."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import arrow
import requests
from bson import ObjectId

BASE = "EUR"
PEGGED = {"DKK": Decimal("7.46"), "BGN": Decimal("1.95583")}


@dataclass(frozen=True)
class Quote:
    quote_id: str
    currency: str
    rate: Decimal
    day: str

    @classmethod
    def fixed(cls, currency: str, day: str) -> Quote:
        return cls(f"peg-{currency}", currency, PEGGED[currency], arrow.get(day).format("YYYY-MM-DD"))

    @classmethod
    def fresh(cls, currency: str, rate: Decimal) -> Quote:
        return cls(
            str(ObjectId()),  # expect: DUR112
            currency,
            rate,
            arrow.utcnow().format("YYYY-MM-DD"),  # expect: DUR101
        )


class RateFeed:
    def __init__(self) -> None:
        self.ready = threading.Event()  # expect: DUR131
        self.opened = asyncio.Event()
        self.quotes: dict[str, Quote] = {}

    def open(self) -> RateFeed:
        self.ready.set()
        self.opened.set()
        return self

    async def quote(self, currency: str, day: str) -> Quote:
        await self.opened.wait()
        if currency in PEGGED:
            return Quote.fixed(currency, day)
        if currency not in self.quotes:
            self.ready.wait(5)  # expect: DUR102
            self.quotes[currency] = Quote.fresh(currency, self._fetch(currency))
        return self.quotes[currency]

    def _fetch(self, currency: str) -> Decimal:
        with ThreadPoolExecutor(max_workers=1) as pool:  # expect: DUR131
            future = pool.submit(download, currency)
            return future.result(timeout=10)  # expect: DUR102

    def close(self) -> None:
        """The rate service's own shutdown."""
        self.ready.wait()
        self.quotes.clear()


def download(currency: str) -> Decimal:
    answer = requests.get(f"https://rates.example/{BASE}/{currency}", timeout=5)  # expect: DUR121
    return Decimal(answer.json()["rate"])


def convert(cents: int, quote: Quote) -> int:
    return int(Decimal(cents) * quote.rate)
