"""Storage behind a generic repository; the flows should not be here, some are."""

from __future__ import annotations

from typing import Generic, TypeVar

import psycopg
import redis.asyncio as redis

from .models import Order

T = TypeVar("T")


class Repository(Generic[T]):
    """Template: subclasses supply the two hooks."""

    async def load(self, key: str) -> T | None:
        cached = await self._from_cache(key)
        if cached is not None:
            return cached
        return self._from_store(key)

    async def _from_cache(self, key: str) -> T | None:
        return None

    def _from_store(self, key: str) -> T | None:
        raise NotImplementedError


class OrderRepository(Repository[Order]):
    _cache: redis.Redis = redis.Redis(host="cache")

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def _from_cache(self, key: str) -> Order | None:
        raw = await self._cache.get(f"order:{key}")  # expect: DUR121
        return None if raw is None else Order(key, [], raw.decode())

    def _from_store(self, key: str) -> Order | None:
        with psycopg.connect(self._dsn) as connection:  # expect: DUR121
            row = connection.execute("select email from orders where id = %s", (key,)).fetchone()  # expect: DUR121
        return Order(key, [], row[0]) if row else None

    def purge(self) -> None:
        """Called from the admin command only."""
        with psycopg.connect(self._dsn) as connection:
            connection.execute("delete from orders where archived")


class MemoryRepository(Repository[Order]):
    def __init__(self, orders: dict[str, Order]) -> None:
        self._orders = orders

    def _from_store(self, key: str) -> Order | None:
        return self._orders.get(key)
