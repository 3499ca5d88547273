"""Activities against charge points and billing."""

from __future__ import annotations

import asyncio
import os
import time
import uuid

import durable_async as da
import httpx


@da.activity(heartbeat_timeout=30)
async def start_charging(point: str, ampere: int) -> str:
    session = str(uuid.uuid4())
    for attempt in range(3):
        da.heartbeat(attempt)
        await asyncio.sleep(0.5 * attempt)
    return f"{session}/{point}/{ampere}"


@da.activity
def read_meter(point: str) -> float:
    with open(os.path.join("/run/meters", point)) as handle:
        return float(handle.read())


@da.activity(retry=da.RetryPolicy(max_attempts=8))
async def bill(fleet: str, cents: int) -> str:
    async with httpx.AsyncClient() as client:
        reply = await client.post(os.environ["BILLING"], json={"fleet": fleet, "cents": cents, "at": time.time()})
    return str(reply.json()["invoice"])


@da.activity
async def stop_charging(session: str) -> None:
    print("stop", session)
