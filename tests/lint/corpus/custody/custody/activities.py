from __future__ import annotations

import asyncio
import io
import secrets
import time
import uuid
from typing import Any

import durable_async as da
import redis


@da.activity
async def hsm_sign(key: str, payload: list[tuple[str, Any]]) -> str:
    reader, writer = await asyncio.open_connection("hsm.internal", 7000)
    writer.write(repr((key, payload, secrets.token_hex(4))).encode())
    await writer.drain()
    return (await reader.readline()).decode()


@da.activity(on_lost="fail")
def broadcast(raw: str) -> str:
    time.sleep(0.5)
    return uuid.uuid4().hex


@da.activity
def confirmations(txid: str) -> int:
    return int(redis.Redis(host="cache").get(f"conf:{txid}") or 0)


@da.activity
def export(out: io.TextIOWrapper, rows: list[str]) -> int:  # expect: DUR152
    return sum(out.write(row) for row in rows)


@da.activity
async def page_officer(officer: str, text: str) -> None:
    await asyncio.to_thread(print, officer, text)
