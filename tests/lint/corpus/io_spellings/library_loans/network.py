"""The network."""

from __future__ import annotations

import asyncio
import ftplib
import socket
import urllib.request
from urllib.request import urlopen

import aiohttp
import asyncpg
import httpx
import litellm
import requests
import stripe
import websockets
from redis.asyncio import Redis
from requests import get as fetch
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

_session = requests.Session()


class Catalogue:
    def __init__(self, client: httpx.AsyncClient, redis: Redis) -> None:
        self.client = client
        self.redis = redis

    async def title(self, number: str) -> str:
        answer = await self.client.get(f"/books/{number}")  # expect: DUR121
        answer.raise_for_status()
        return answer.json()["title"]

    async def cached(self, number: str) -> str:
        return str(await self.redis.hget("titles", number))  # expect: DUR121

    async def store(self, number: str, title: str) -> None:
        await self.redis.set(number, title)  # expect: DUR121


def several(host: str) -> list[object]:
    return [
        requests.get(host, timeout=3).status_code,  # expect: DUR121
        fetch(host, timeout=3).ok,  # expect: DUR121
        _session.post(host).ok,  # expect: DUR121
        httpx.post(host).is_success,  # expect: DUR121
        urlopen(host).status,  # expect: DUR121
        urllib.request.urlretrieve(host),  # expect: DUR121
        socket.gethostbyname(host),  # expect: DUR121
        socket.getaddrinfo(host, 80),  # expect: DUR121
        ftplib.FTP(host),  # expect: DUR121
        litellm.completion(model="m", messages=[]),  # expect: DUR121
        stripe.Charge.create(amount=1),  # expect: DUR121
    ]


async def posted(host: str) -> int:
    async with aiohttp.ClientSession() as session:
        async with session.put(host) as answer:  # expect: DUR121
            return answer.status


async def queried(session: AsyncSession, text: str) -> int:
    result = await session.execute(text)  # expect: DUR121
    await session.commit()  # expect: DUR121
    return len(str(result))


def saved(session: Session) -> None:
    session.flush()  # expect: DUR121


async def listening(host: str) -> bool:
    pool = await asyncpg.create_pool(host)  # expect: DUR121
    async with websockets.connect(host) as link:  # expect: DUR121
        return link is not None and pool is not None


async def served(host: str) -> bool:
    server = await asyncio.start_server(lambda reader, writer: None, host)  # expect: DUR121
    return server is not None


async def probe(host: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(host)).status_code
