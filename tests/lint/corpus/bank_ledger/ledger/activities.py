"""Activities of the ledger, on a class with its own dependencies."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess

import asyncpg
import durable_async as da


class CoreBanking:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @da.activity(retry=da.RetryPolicy(max_attempts=10))
    async def post(self, account: str, cents: int) -> str:
        async with self._pool.acquire() as connection:
            await connection.execute("insert into postings values ($1, $2)", account, cents)
        return hashlib.sha256(f"{account}{cents}{os.getpid()}".encode()).hexdigest()

    @da.activity
    async def freeze(self, account: str) -> bool:
        await self._pool.execute("update accounts set frozen = true where id = $1", account)
        return True


@da.activity
def sign_statement(text: str) -> str:
    return subprocess.run(["gpg", "--clearsign"], input=text, capture_output=True, text=True, check=True).stdout


@da.activity
async def alert(text: str) -> None:
    await asyncio.sleep(0)
    print(text)
