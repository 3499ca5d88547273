import asyncio
import socket

import aiohttp
import redis.asyncio as redis
from aiokafka import AIOKafkaProducer

import durable_async as da

from .settings import settings


class Exchange:
    def __init__(self, session: aiohttp.ClientSession, cache: "redis.Redis"):
        self._session = session
        self._cache = cache

    async def floor_of(self, placement: str) -> float:
        cached = await self._cache.get(placement)  # expect: DUR121
        if cached is not None:
            return float(cached)
        async with self._session.get(f"/floors/{placement}") as answer:  # expect: DUR121
            return float((await answer.json())["floor"])  # expect: DUR121

    async def close(self) -> None:
        await self._session.close()


@da.activity
async def submit(campaign: str, placement: str, cents: float) -> bool:
    async with aiohttp.ClientSession(settings().exchange) as session:
        async with session.post("/bids", json=[campaign, placement, cents]) as answer:
            return answer.status == 201


@da.activity
async def publish(topic: str, body: bytes) -> None:
    producer = AIOKafkaProducer(client_id=socket.gethostname())
    async with producer:
        await producer.send_and_wait(topic, body)


@da.activity
async def impressions(campaign: str, limit: int) -> list[dict]:
    await asyncio.sleep(0)
    return [{"id": "a0", "placement": campaign}] * limit
