from __future__ import annotations

import os
import random
import socket
import time
import uuid

import httpx

import durable_async as da

from .domain import Order, OrderId, PickList
from .repositories import SqlOrderRepository

WMS = os.environ.get("WMS_URL", "http://wms.internal")


class OutOfStock(Exception):
    pass


@da.activity(retry=da.RetryPolicy(max_attempts=4))
async def load_order(order_id: str) -> Order:
    repository = await SqlOrderRepository.from_env()
    return await repository.get(OrderId(order_id))


@da.activity
async def mark_order(order_id: str, status: str) -> None:
    repository = await SqlOrderRepository.from_env()
    await repository.mark(OrderId(order_id), status)


@da.activity(timeout=10)
async def stock_level(warehouse: str, sku: str) -> int:
    async with httpx.AsyncClient(base_url=WMS) as client:
        response = await client.get(f"/stock/{warehouse}/{sku}")
        return int(response.json()["level"])


@da.activity
async def reserve_stock(warehouse: str, sku: str, quantity: int) -> str:
    async with httpx.AsyncClient(base_url=WMS) as client:
        await client.post("/reservations", json={"w": warehouse, "sku": sku, "q": quantity, "id": str(uuid.uuid4())})
    return f"{warehouse}:{sku}"


@da.activity
async def release_stock(sku: str, order_id: str) -> None:
    async with httpx.AsyncClient(base_url=WMS) as client:
        await client.delete(f"/reservations/{order_id}/{sku}")


@da.activity
def print_label(target: str, grams: int) -> str:
    time.sleep(random.uniform(0.1, 0.4))
    with socket.create_connection(("labels.internal", 9100)) as printer:
        printer.sendall(f"{target};{grams}\n".encode())
    return f"T{int(time.time())}"


@da.activity
def print_pick_list(warehouse: str, rows: list[str]) -> str:
    pick_list = PickList(warehouse, rows)
    print(pick_list.printed_at, *pick_list.rows, sep="\n")
    return pick_list.printed_at.isoformat()


@da.activity
async def notify_customer(order_id: str, template: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.post("http://mail.internal/send", json={"order": order_id, "template": template})


@da.activity
async def reorder(sku: str, quantity: int) -> str:
    return f"po-{sku}-{quantity}-{uuid.uuid4().hex[:8]}"
