"""Activities against the bank and Stripe."""

import asyncio
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import IO

import httpx
import stripe
from tenacity import retry, stop_after_attempt, wait_random

import durable_async as da
from settlement.core.ledger import Entry, Payout
from settlement.durable import ONCE, patient_step, step


@step(retry=ONCE, on_lost="fail")
async def pay_out(merchant: str, cents: int, day: str) -> str:
    async with httpx.AsyncClient(base_url="https://bank.example") as http:
        answer = await http.post("/payouts", json={"to": merchant, "cents": cents, "key": da.activity_info().idempotency_key})
        answer.raise_for_status()
    return Payout(cents=cents).reference


@patient_step()
async def collect(merchant: str, day: str) -> list[Entry]:
    await asyncio.sleep(random.random())
    charges = await asyncio.to_thread(lambda: list(stripe.Charge.list(limit=100, customer=merchant).auto_paging_iter()))
    return [Entry(merchant=merchant, cents=charge.amount) for charge in charges]


@step
def append_to_archive(target: IO[bytes], line: str) -> None:  # expect: DUR152
    target.write(line.encode() + b"\n")


@step
def write_report(day: str, lines: list[str]) -> str:
    path = Path("/srv/reports") / f"{day}-{time.time_ns()}.csv"
    path.write_text("\n".join(lines))
    return str(path)


@retry(stop=stop_after_attempt(3), wait=wait_random(1, 2))
def balance(account: str) -> Decimal:
    """The treasury desk's; sync, with its own retries."""
    return Decimal(httpx.get(f"https://bank.example/accounts/{account}", timeout=5).json()["balance"])


@step
async def notify(merchant: str, text: str) -> None:
    print("to", merchant, text, balance("nostro"))
