"""Electronic data capture: everything by activities of a class with its dependencies."""

from __future__ import annotations

import datetime

import durable_async as da
import httpx
from sqlalchemy.ext.asyncio import AsyncSession


class Edc:
    def __init__(self, http: httpx.AsyncClient, session: AsyncSession) -> None:
        self.http = http
        self.session = session

    @da.activity
    async def register(self, key: str, arm: str) -> str:
        answer = await self.http.post("/subjects", json={"key": key, "arm": arm})
        return answer.json()["number"]

    @da.activity
    async def record(self, number: str, day: int, values: dict[str, float]) -> None:
        stamp = datetime.datetime.now().isoformat()
        await self.http.post(f"/subjects/{number}/visits", json={"day": day, "at": stamp, **values})

    @da.activity
    async def reveal(self, number: str) -> str:
        return (await self.http.get(f"/subjects/{number}/arm")).text

    async def open_queries(self, number: str) -> int:
        page = await self.http.get(f"/subjects/{number}/queries")  # expect: DUR121
        stored = await self.session.execute(COUNT, {"n": number})  # expect: DUR121
        return len(page.json()) + stored.scalar_one()

    async def close(self) -> None:
        await self.http.aclose()
        await self.session.close()


COUNT = "select count(*) from query where subject = :n"
