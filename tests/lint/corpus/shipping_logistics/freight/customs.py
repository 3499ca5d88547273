"""Customs clearance: declarations, inspections and duties."""

from __future__ import annotations

import asyncio
import locale
import os
import sqlite3
import uuid
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import durable_async as da
import requests

from freight.documents import archive_papers, tariff_for

DUTY_FREE = {"4901"}


@da.activity
def lodge(declaration: dict[str, Any]) -> str:
    answer = requests.post("https://customs.example/declarations", json=declaration, timeout=30)
    answer.raise_for_status()
    return answer.json()["reference"]


@da.activity
def pay_duties(reference: str, cents: int) -> None:
    with sqlite3.connect("duties.db") as connection:
        connection.execute("insert into duties values (?, ?, ?)", (reference, cents, date.today().isoformat()))


def duty(tariff: str, cents: int) -> int:
    return 0 if tariff in DUTY_FREE else cents * 19 // 100


@da.orchestrator
async def clear_customs(parcel_id: str, country: str, goods: dict[str, int]) -> str:
    rates = requests.get(f"https://customs.example/rates/{country}", timeout=5).json()  # expect: DUR121
    tariffs = {category: tariff_for(category) for category in sorted(goods)}
    declaration = {
        "parcel": parcel_id,
        "batch": str(uuid.uuid1()),  # expect: DUR112
        "lodged": date.today().isoformat(),  # expect: DUR101
        "goods": tariffs,
        "digest": sha256(parcel_id.encode()).hexdigest(),
    }
    reference = await lodge(declaration)
    total = sum(duty(tariffs[category], cents) for category, cents in goods.items())
    if rates.get("waived"):
        total = 0
    try:
        async with asyncio.timeout(timedelta(days=3).total_seconds()):
            await da.wait_for_event("released")
    except TimeoutError:
        asyncio.sleep(60)  # expect: DUR133
    await pay_duties(reference, total)
    return locale.currency(total / 100)  # expect: DUR125


@da.orchestrator
async def inspect_parcel(parcel_id: str, inspectors: frozenset[str]) -> str:
    async with da.lock(f"dock-{parcel_id}"):
        for inspector in inspectors:  # expect: DUR134
            verdict = await da.wait_for_event(f"verdict-{inspector}", str)
            if verdict != "fine":
                return verdict
    proof = "".join(sorted(inspectors)).encode()
    return await archive_papers(parcel_id, proof)


@da.orchestrator
async def duty_refund(reference: str, cents: int, ledger: sqlite3.Connection) -> bool:  # expect: DUR152
    ticket = da.uuid4()
    office = os.getenv("CUSTOMS_OFFICE", "DE-HH")  # expect: DUR124
    try:
        await pay_duties(f"{reference}/{office}/{ticket}", -cents)
    except BaseException as error:  # expect: DUR135
        if isinstance(error, ValueError):
            raise
        return False
    return True
