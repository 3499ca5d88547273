from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import asyncpg

from .domain import Carrier, Line, Order, OrderId, Sku

_QUERY = "select id, customer, lines, placed_at, carrier from orders where id = $1"


def _decode(row: Any) -> Order:
    lines = [Line(Sku(raw["sku"]), raw["qty"], raw["price"]) for raw in json.loads(row["lines"])]
    return Order(OrderId(row["id"]), row["customer"], lines, row["placed_at"], Carrier(row["carrier"]))


class SqlOrderRepository:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def from_env(cls) -> SqlOrderRepository:
        return cls(await asyncpg.create_pool(os.environ["ORDERS_DSN"]))

    async def get(self, order_id: OrderId) -> Order:
        row = await self._pool.fetchrow(_QUERY, order_id)
        if row is None:
            raise LookupError(order_id)
        return _decode(row)

    async def mark(self, order_id: OrderId, status: str) -> None:
        await self._pool.execute("update orders set status = $2 where id = $1", order_id, status)


class StockSnapshotRepository:
    """The stock as the last export saw it; read straight from the reporting database."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def low_skus(self, threshold: int) -> list[str]:
        connection = await asyncpg.connect(self._dsn)  # expect: DUR121
        rows = await connection.fetch("select sku from stock where qty < $1 order by sku", threshold)  # expect: DUR121
        return [row["sku"] for row in rows]


class InMemoryOrderRepository:
    """For tests."""

    def __init__(self, orders: dict[OrderId, Order] | None = None) -> None:
        self.orders = orders or {}
        self.log: list[tuple[float, OrderId, str]] = []

    async def get(self, order_id: OrderId) -> Order:
        return self.orders[order_id]

    async def mark(self, order_id: OrderId, status: str) -> None:
        self.log.append((time.time(), order_id, status))


class FileAuditSink:
    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def write(self, record: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as out:  # expect: DUR122
            out.write(json.dumps(record, default=str) + "\n")


class BufferAuditSink:
    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def write(self, record: dict[str, Any]) -> None:
        self.records.append(record)
