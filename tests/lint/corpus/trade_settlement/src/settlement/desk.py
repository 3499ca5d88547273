"""The settlement run of a desk."""

from __future__ import annotations

import asyncio
import os
import queue
from datetime import datetime
from typing import TextIO

import durable_async as da
from durable_async import activity, orchestrator
from sqlalchemy.orm import Session

from settlement import business_days as days
from settlement import matching
from settlement.ledger import Book, book_entries, booking, engine
from settlement.money import Money, rate, total


@activity
async def fetch_trades(desk: str, side: str) -> list[matching.Trade]:
    import asyncpg

    connection = await asyncpg.connect(os.environ["TRADES_DSN"])
    rows = await connection.fetch("select * from trades where desk = $1 and side = $2", desk, side)
    return [matching.Trade(**row) for row in rows]


@activity(on_lost="fail")
async def send_payment(counterparty: str, amount: Money) -> str:
    reader, writer = await asyncio.open_connection("swift-gw", 7000)
    writer.write(f"{counterparty} {amount.amount}".encode())
    return (await reader.read(64)).decode()


@orchestrator
async def settle_desk(desk: str, currency: str, calendars: list[str]) -> str:
    ours, theirs = await asyncio.gather(fetch_trades(desk, "ours"), fetch_trades(desk, "theirs"))
    pairs = matching.match(ours, theirs)
    due = days.settle_on(da.now(), 2, calendars)
    await da.sleep_until(days.cutoff(due))
    book = Book(Session(engine), desk)
    with booking(f"{desk} {due}"):
        entries = [book.entry(isin, quantity) for isin, quantity in matching.net([a for a, _ in pairs]).items()]
    amount = total([matching.value(mine, currency) for mine, _ in pairs], os.environ["BASE_CCY"])  # expect: DUR124
    receipts = queue.Queue()  # expect: DUR131
    for name in dict.fromkeys(mine.counterparty for mine, _ in pairs):
        receipts.put_nowait(await send_payment(name, amount))
    book_entries(desk, entries)  # expect: DUR133
    short = [entry["isin"] for entry in entries if book.position(entry["isin"]) < 0]
    if short:
        await da.wait_for_event("short-covered", bool)
    if datetime.now().hour > 17:  # expect: DUR101
        return "late"
    return receipts.get()  # expect: DUR102


@orchestrator
async def chase_breaks(desk: str, refs: set[str]) -> list[str]:
    rng = da.random("chase")
    ours = await fetch_trades(desk, "ours")
    theirs = await fetch_trades(desk, "theirs")
    resolved: list[str] = []
    for ref in sorted(refs | matching.breaks(ours, theirs)):
        await asyncio.sleep(rng.uniform(1, 60))
        resolved.append(ref)
    first = matching.first_break(ours, theirs)
    return [*resolved, first or ""]


@orchestrator
async def export_fails(desk: str, target: TextIO) -> int:  # expect: DUR152
    trades = await fetch_trades(desk, "ours")
    await asyncio.sleep(1)
    return len(trades)


async def intraday_rate(pair: str) -> str:
    """Served by the HTTP API, not by a settlement."""
    base, quote = pair.split("/")
    return f"{rate(base, quote)} at {datetime.now()}"
