"""Activities of the arena."""

from __future__ import annotations

import os
import random
import socket
import time
import uuid

import anthropic
import durable_async as da
import httpx

from arena.agent.schemas import Message


@da.activity(retry=da.RetryPolicy(max_attempts=4, jitter=0.3), timeout=120)
async def complete(texts: list[str]) -> Message:
    client = anthropic.AsyncAnthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
    reply = await client.messages.create(model="large", max_tokens=900, messages=[])
    return Message(role="assistant", content=f"{reply}{len(texts)}{uuid.uuid4()}")


@da.activity
async def fetch_stats(player: str) -> dict[str, float]:
    async with httpx.AsyncClient() as http:
        reply = await http.get(f"https://stats.example.com/{player}", headers={"x-at": str(time.time())})
    return dict(reply.json())


@da.activity
def post_message(room: str, text: str) -> bool:
    with socket.create_connection((room, 6667)) as line:
        line.sendall(text.encode())
    return True


@da.activity
async def start_server(region: str) -> str:
    return f"{region}-{random.randrange(1 << 16):04x}"


@da.activity
async def stop_server(server: str) -> None:
    print("stopping", server)
