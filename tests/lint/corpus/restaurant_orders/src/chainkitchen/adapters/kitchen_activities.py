"""Everything with side effects in the kitchen, as activities."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import time
import uuid
from datetime import datetime

import durable_async as da
import httpx

_slips_printed: dict[str, int] = {}


@da.activity(retry=da.RetryPolicy(max_attempts=5))
def print_slip(store: str, text: str) -> str:
    _slips_printed[store] = _slips_printed.get(store, 0) + 1
    job = uuid.uuid4().hex
    subprocess.run(["lp", "-d", f"kitchen-{store}", "-t", job], input=text.encode(), check=True)
    return job


@da.activity(timeout=30)
async def reserve_station(store: str, station: str) -> bool:
    async with httpx.AsyncClient(base_url=os.environ["KITCHEN_URL"]) as client:
        reply = await client.post(f"/stations/{station}", json={"store": store})
    return reply.status_code == 200


@da.activity
async def capture_payment(order: str, cents: int) -> str:
    await asyncio.sleep(random.random())
    return f"{order}:{cents}:{datetime.now():%s}"


@da.activity
async def refund(payment: str) -> None:
    started = time.monotonic()
    async with httpx.AsyncClient() as client:
        await client.delete(f"{os.environ['PAY_URL']}/payments/{payment}")
    print("refund took", time.monotonic() - started)


class CourierDesk:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    @da.activity
    async def book(self, store: str, order: str) -> str:
        reply = await self.client.post("/couriers", json={"store": store, "order": order})
        return str(reply.json()["courier"])
