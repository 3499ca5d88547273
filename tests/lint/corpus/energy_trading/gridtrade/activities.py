from __future__ import annotations

import random
import time
from decimal import Decimal

import durable_async as da
import httpx

from gridtrade.shared import Bid


class TradingActivities:
    def __init__(self, exchange: httpx.Client) -> None:
        self.exchange = exchange

    @da.activity(retry=da.RetryPolicy(max_attempts=10, jitter=0.3))
    def place(self, bid: Bid) -> str:
        time.sleep(random.random() / 10)
        return self.exchange.post("/bids", json={"area": bid.area, "mwh": str(bid.mwh)}).json()["id"]

    @da.activity
    def prices(self, area: str) -> dict[str, Decimal]:
        return {k: Decimal(v) for k, v in self.exchange.get(f"/prices/{area}").json().items()}


@da.activity
async def nominate(area: str, day: str) -> bool:
    async with httpx.AsyncClient() as tso:
        return (await tso.put(f"https://tso.example/{area}/{day}")).is_success
