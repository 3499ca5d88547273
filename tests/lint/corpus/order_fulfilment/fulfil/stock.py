"""Reservations against the two distribution centres."""

from __future__ import annotations

import asyncio
import logging
from typing import Iterable

import redis.asyncio as redis
from durable_async import activity, get_logger

logger = logging.getLogger(__name__)
cache = redis.Redis(host="stock-cache")
WAREHOUSES = ("north", "south")


class OutOfStock(LookupError):
    pass


@activity
async def reserve(warehouse: str, sku: str, quantity: int) -> str:
    left = await cache.decrby(f"stock:{warehouse}:{sku}", quantity)
    if left < 0:
        await cache.incrby(f"stock:{warehouse}:{sku}", quantity)
        raise OutOfStock(sku)
    return f"{warehouse}/{sku}/{quantity}"


@activity
async def release(reservation: str) -> None:
    warehouse, sku, quantity = reservation.split("/")
    await cache.incrby(f"stock:{warehouse}:{sku}", int(quantity))


async def available(warehouse: str, sku: str) -> int:
    value = await cache.get(f"stock:{warehouse}:{sku}")  # expect: DUR121
    return int(value or 0)


async def reserve_all(warehouse: str, wanted: dict[str, int]) -> list[str]:
    tasks = {asyncio.create_task(reserve(warehouse, sku, n)) for sku, n in wanted.items()}
    done, _ = await asyncio.wait(tasks)
    return sorted(task.result() for task in done)


async def release_all(reservations: Iterable[str]) -> None:
    # Split lines of one order may share a reservation.
    unique = set(reservations)
    await asyncio.gather(*[release(item) for item in unique])  # expect: DUR134
    get_logger("stock").info("released %d", len(unique))


async def first_with_stock(sku: str, quantity: int) -> str | None:
    for warehouse in WAREHOUSES:
        if await available(warehouse, sku) >= quantity:
            return warehouse
    return None


async def drain_cache() -> None:
    async for key in cache.scan_iter("stock:*"):
        await cache.delete(key)
