"""Activities, and what only activities use."""
from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import AsyncIterator
from functools import lru_cache

import aiohttp
import durable_async as da

from .audience import Subscriber

RATE_LIMITED = 429


class Bounced(Exception):
    def __init__(self, address: str, permanent: bool = True) -> None:
        super().__init__(address)
        self.address, self.permanent = address, permanent


@lru_cache
def provider_key() -> str:
    return subprocess.check_output(["vault", "read", "-field=key", "secret/mailer"], text=True).strip()


async def _pages(url: str) -> AsyncIterator[list[dict[str, object]]]:
    async with aiohttp.ClientSession() as http:
        while url:
            async with http.get(url) as reply:
                data = await reply.json()
            yield data["items"]
            url = data.get("next")


@da.activity(retry=da.RetryPolicy(max_attempts=6), heartbeat_timeout=120)
async def subscribers(list_id: str) -> list[Subscriber]:
    people: list[Subscriber] = []
    async for page in _pages(f"{os.environ['CRM']}/lists/{list_id}"):
        people += [Subscriber(**item) for item in page]
        da.heartbeat(len(people))
    return people


@da.activity(retry=da.RetryPolicy(max_attempts=8, jitter=0.3, non_retryable=(Bounced,)))
async def send(address: str, subject: str, body: str) -> str:
    headers = {"Authorization": provider_key(), "Idempotency-Key": da.activity_info().idempotency_key}
    async with aiohttp.ClientSession(headers=headers) as http:
        reply = await http.post("https://api.mailer.example/v3/send", json={"to": address, "subject": subject, "html": body})
        if reply.status == RATE_LIMITED:
            await asyncio.sleep(random.uniform(1, 3))
            raise ConnectionError("slow down")
        if reply.status == 422:
            raise Bounced(address)
        return (await reply.json())["id"]


@da.activity
def render(template: str, language: str) -> str:
    return subprocess.run(["mjml", f"{template}.{language}.mjml"], capture_output=True, text=True, check=True).stdout


@da.activity
async def mark(address: str, what: str) -> None:
    async with aiohttp.ClientSession() as http:
        await http.post(f"{os.environ['CRM']}/marks", json={"address": address, "what": what})
