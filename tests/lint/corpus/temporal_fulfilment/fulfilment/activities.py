"""Stock, carriers, lockers, printers."""

import asyncio
import os
import random
import socket
import subprocess
from datetime import datetime
from functools import cache

import httpx
import psycopg
from temporalio import activity

from common.clock import uptime
from common.ids import api_token, carrier_prefixes
from common.money import record_for_ledger


@cache
def _dsn() -> str:
    return os.environ["STOCK_DSN"]


@activity.defn
async def reserve_stock(number: int, line: str) -> None:
    async with await psycopg.AsyncConnection.connect(_dsn()) as connection:
        await connection.execute("update stock set reserved = %s where sku = %s", (number, line))
    record_for_ledger(f"{datetime.now().isoformat()} reserve {number} {line}")


@activity.defn
async def release_stock(number: int, line: str) -> None:
    async with await psycopg.AsyncConnection.connect(_dsn()) as connection:
        await connection.execute("update stock set reserved = null where sku = %s and reserved = %s", (line, number))


@activity.defn
async def offer(carrier: str, number: int) -> int:
    async with httpx.AsyncClient() as client:
        prefix = carrier_prefixes()[carrier]
        answer = await client.get(f"https://api.{carrier}.example/{prefix}/offer/{number}", params={"t": api_token()})
    await asyncio.sleep(random.random())
    return answer.json()["cents"]


@activity.defn
def print_label(tracking: str, code: str, day: str) -> None:
    subprocess.run(["lp", "-d", "labels", "-"], input=f"{tracking}\n{code}\n{day}".encode(), check=True)


@activity.defn
def announce(text: str) -> None:
    print(f"[{socket.gethostname()} up {uptime():.0f}s] {text}")


@activity.defn
async def book_locker(number: int, primary: str, spare: str) -> str:
    return f"WAW-{random.randrange(400)}"


@activity.defn
async def locker_opened(locker: str) -> bool:
    reader, writer = await asyncio.open_connection("lockers.example", 9000)
    writer.write(locker.encode())
    return (await reader.readline()).strip() == b"open"
