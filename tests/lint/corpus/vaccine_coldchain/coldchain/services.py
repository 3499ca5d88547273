import random
import time
from contextlib import asynccontextmanager

import aiomqtt
import durable_async as da
import httpx

from .people import Person
from .readings import Reading


@asynccontextmanager
async def broker(host: str):
    async with aiomqtt.Client(host) as client:
        yield client


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def fetch(box: str) -> list[Reading]:
    async with httpx.AsyncClient() as client:
        rows = (await client.get(f"https://boxes/{box}")).json()
    return [Reading.from_wire(row) for row in rows]


@da.activity
async def page(person: Person, text: str) -> bool:
    async with broker("mqtt") as client:
        await client.publish(f"page/{person['phone']}", text)
    return random.random() > 0.2


@da.activity
def destroy(box: str, reason: str) -> float:
    return time.time()


async def peek(host: str) -> bytes:
    """Left over from the dashboard."""
    async with broker(host) as client:
        async for message in client.messages:
            return message.payload
    return b""
