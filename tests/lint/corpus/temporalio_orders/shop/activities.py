"""The order's side effects."""

from __future__ import annotations

import os
import random
import time
import uuid
from dataclasses import dataclass
from datetime import datetime

import httpx
from temporalio import activity

API = os.environ.get("SHOP_API", "http://localhost:8000")


@dataclass
class OrderInput:
    order_id: str
    skus: list[str]
    cents: int
    coupons: set[str]


class Warehouse:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    @activity.defn
    async def reserve(self, sku: str) -> str:
        reply = await self.client.post(f"{API}/reserve/{sku}", headers={"X-Request": str(uuid.uuid4())})
        return reply.json()["reservation"]

    @activity.defn(name="release-stock")
    async def release(self, reservation: str) -> None:
        await self.client.delete(f"{API}/reserve/{reservation}")


@activity.defn
async def charge(order_id: str, cents: int) -> str:
    activity.logger.info("charging %s at %s", order_id, datetime.now())
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{API}/charge", json={"order": order_id, "cents": cents})
    return reply.json()["receipt"]


@activity.defn
def print_label(order_id: str) -> str:
    time.sleep(random.random())
    with open(f"/tmp/{order_id}.zpl", "w") as label:
        label.write(order_id)
    return label.name
