"""Carriers and their rates."""

from __future__ import annotations

import asyncio
import select
import smtplib
import socket
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import aiohttp
import durable_async as da
import httpx
from tenacity import retry, stop_after_attempt

TIMEOUT = aiohttp.ClientTimeout(total=20)


@dataclass(frozen=True)
class Quote:
    carrier: str
    cents: int
    days: int

    @property
    def euros(self) -> Decimal:
        return Decimal(self.cents) / 100


class Carrier:
    code: ClassVar[str] = ""
    base_cents: ClassVar[int] = 450

    def __init__(self, *, express: bool = False) -> None:
        self.express = express

    async def quote(self, grams: int, country: str) -> Quote:
        cents = self.base_cents + grams // 100 * 12
        return Quote(self.code, cents * (2 if self.express else 1), 1 if self.express else 4)

    async def book(self, parcel_id: str) -> str:
        return await book_parcel(self.code, parcel_id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(express={self.express})"


class PostCarrier(Carrier):
    code = "post"


class CourierCarrier(Carrier):
    code = "courier"
    base_cents = 890

    async def quote(self, grams: int, country: str) -> Quote:
        async with httpx.AsyncClient(base_url="https://courier.example") as client:
            answer = await client.get(f"/rates/{country}", params={"g": grams})  # expect: DUR121
        body = answer.json()
        return Quote(self.code, body["cents"], body["days"])


class SeaCarrier(Carrier):
    code = "sea"
    base_cents = 120

    def _port_ready(self, host: str, port: int) -> bool:
        probe = socket.create_connection((host, port), timeout=2)  # expect: DUR121
        readable, _, _ = select.select([probe], [], [], 1.0)  # expect: DUR102
        probe.close()
        return bool(readable)

    async def quote(self, grams: int, country: str) -> Quote:
        extra = 0 if self._port_ready("port.example", 7070) else 14
        plain = await super().quote(grams, country)
        return Quote(plain.carrier, plain.cents, plain.days + 30 + extra)


@da.activity(retry=da.RetryPolicy(max_attempts=8, retry_on=(aiohttp.ClientError, OSError)))
async def book_parcel(carrier: str, parcel_id: str) -> str:
    stamp = int(time.time())
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        async with session.post(f"https://{carrier}.example/parcels", json={"id": parcel_id, "at": stamp}) as answer:
            return (await answer.json())["tracking"]


@retry(stop=stop_after_attempt(3))
def mail_rates(recipient: str, quotes: list[Quote]) -> None:
    with smtplib.SMTP("localhost") as server:
        server.sendmail("rates@example.com", recipient, "\n".join(map(str, quotes)))


async def all_quotes(carriers: list[Carrier], grams: int, country: str) -> list[Quote]:
    pending = {carrier.quote(grams, country) for carrier in carriers}
    quotes = []
    for finished in asyncio.as_completed(pending):  # expect: DUR134
        quotes.append(await finished)
    return quotes


def cheapest(quotes: list[Quote]) -> Quote:
    return min(quotes, key=lambda quote: (quote.cents, quote.days))
