"""Lends books."""

from __future__ import annotations

from pathlib import Path

import durable_async as da
import httpx
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from . import files, network

_redis: Redis = Redis()
_async_session: AsyncSession = AsyncSession()
_session: Session = Session()


@da.activity
async def lend(number: str) -> int:
    files.exported(f"/loans/{number}")
    return await network.probe("https://loans.example")


@da.orchestrator
async def lend_book(number: str, host: str) -> str:
    shelf = files.Shelf(Path("/shelves"))
    texts = [shelf.load(number).get("title", ""), shelf.pure(number), files.written(files.rows("a,b")), *shelf.names()]
    texts += [str(item) for item in files.several(number)] + files.archives(number, b"")
    if await files.asynchronous(number):
        files.removed(number)
    catalogue = network.Catalogue(httpx.AsyncClient(), _redis)
    texts += [await catalogue.title(number), await catalogue.cached(number), *map(str, network.several(host))]
    await catalogue.store(number, texts[0])
    network.saved(_session)
    total = await network.posted(host) + await network.queried(_async_session, "select 1") + await lend(number)
    if await network.listening(host) or await network.served(host):
        total += 1
    answer = await da.call_http("GET", f"https://{host}/books")
    return "".join(texts) + str(total) + str(answer.status)
