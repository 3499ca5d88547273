"""Payments: activities on a class that is given to the worker."""

from __future__ import annotations

import asyncio
import time

import durable_async as da
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from ..domain import Money


class Payments:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @da.activity(retry=da.RetryPolicy(max_attempts=3), on_lost="fail")
    async def pay(self, claim: str, amount: Money) -> str:
        async with self._sessions() as session:
            await session.execute("insert", {"claim": claim, "at": time.time()})
            await session.commit()
        return f"{claim}-{amount}"

    @da.activity
    async def reserve(self, claim: str, amount: Money) -> str:
        await asyncio.to_thread(time.sleep, 1)
        return claim

    @da.activity
    async def release(self, claim: str) -> None:
        self.reserve(claim, Money.parse("0"))  # expect: DUR133


@da.activity
async def write_letter(claim: str, text: str) -> str:
    with open(f"/letters/{claim}.txt", "w") as letter:
        letter.write(text)
    return claim
