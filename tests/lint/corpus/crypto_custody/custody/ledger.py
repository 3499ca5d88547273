from __future__ import annotations

import asyncio

from asyncpg import Pool, create_pool
from redis import asyncio as aioredis

_redis = aioredis.Redis(host="ledger")


class Ledger:
    """Balances in Redis, journal in Postgres."""

    pool: Pool | None = None

    def __init__(self, wallet: str, redis: aioredis.Redis | None = None) -> None:
        self.wallet = wallet
        self.redis: aioredis.Redis = redis or _redis
        self._gate = asyncio.Lock()

    @property
    def key(self) -> str:
        return f"ledger:{self.wallet}"

    async def reserve(self, sats: int) -> None:
        async with self._gate:
            await self.redis.decrby(self.key, sats)  # expect: DUR121
        await self._journal("reserve", sats)

    async def release(self, sats: int) -> None:
        async with self._gate:
            await self.redis.incrby(self.key, sats)  # expect: DUR121

    async def _journal(self, what: str, sats: int) -> None:
        pool = await create_pool("postgresql://journal")  # expect: DUR121
        await pool.execute("insert into journal values ($1, $2, $3)", self.wallet, what, sats)  # expect: DUR121

    async def audit(self) -> list[str]:
        async with (await create_pool("postgresql://journal")).acquire() as connection:
            return await connection.fetch("select * from journal")
