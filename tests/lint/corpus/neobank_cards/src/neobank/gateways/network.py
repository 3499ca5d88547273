"""Clients of the card network, behind a protocol so that tests bring their own."""

import time
from datetime import datetime
from typing import Protocol

import httpx

import durable_async as da

from ..models import Authorization, Receipt


class CardNetwork(Protocol):
    async def capture(self, key: str, cents: int) -> str: ...


class HttpNetwork:
    def __init__(self, base: str, token: str) -> None:
        self._client = httpx.AsyncClient(base_url=base, headers={"Authorization": token})

    async def capture(self, key: str, cents: int) -> str:
        response = await self._client.post("/captures", json={"key": key, "cents": cents})
        response.raise_for_status()
        return str(response.json()["id"])


class Network:
    """Activities that share one client."""

    def __init__(self, network: CardNetwork) -> None:
        self._network = network
        self._started = time.monotonic()

    @da.activity(retry=da.RetryPolicy(max_attempts=5))
    async def capture(self, authorization: Authorization) -> str:
        print("capturing", authorization.key, time.monotonic() - self._started)
        return await self._network.capture(authorization.key, int(authorization.amount * 100))

    @da.activity
    async def recent_merchants(self, card_id: str) -> list[str]:
        async with httpx.AsyncClient() as client:
            return list((await client.get(f"https://ledger/cards/{card_id}/merchants")).json())


@da.activity
def notify(reference: str, text: str) -> datetime:
    time.sleep(0.2)
    return Receipt(reference).sent_at
