"""Closing a day."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import date, timedelta

import durable_async as da
import structlog

from .core import fx
from .core import Ledger, LimitBook, Position, next_settlement_day, value_date
from .durable import workflow
from .gateways import bank

log = structlog.get_logger("settlement")
_warned: set[str] = set()


@workflow
async def settle_merchant(merchant: str, day: str, hold_hours: float = 0.0, currency: str = "EUR") -> Position:
    ledger = Ledger()
    for entry in await bank.collect(merchant, day):
        ledger.book(entry.model_copy(update={"cents": entry.cents}))
    positions = list(ledger)
    if not positions:
        return Position(merchant=merchant)
    position = positions[0]
    limits = LimitBook()
    if position.cents > limits.limit(merchant):
        warn_once(merchant)
        async with asyncio.timeout(timedelta(days=1).total_seconds()):
            approved = await da.wait_for_event("approval", bool)
        if not approved:
            return position
    await asyncio.sleep(hold_hours * 3600)
    due = value_date(date.fromisoformat(day))
    cents = position.cents
    if currency != fx.BASE:
        feed = fx.RateFeed().open()
        cents = fx.convert(cents, await feed.quote(currency, day))
    reference = await bank.pay_out(merchant, cents, due.isoformat())
    bank.notify(merchant, f"{position.euros} EUR on {due:%d.%m.}: {reference} #{position.checksum}")  # expect: DUR133
    return position


def warn_once(merchant: str) -> None:
    if merchant in _warned:  # expect: DUR141
        return
    _warned.add(merchant)  # expect: DUR141
    log.warning("over the limit", merchant=merchant)  # expect: DUR143


@contextlib.asynccontextmanager
async def fees_booked(ledger: Ledger, merchants: list[str]) -> AsyncIterator[None]:
    from .core.ledger import Entry

    try:
        yield
    finally:
        for merchant in merchants:
            ledger.book(Entry(merchant=merchant, cents=-15))


@workflow(name="close-day", version="3")
async def close_day(day: str, merchants: set[str], width: int = 10) -> list[str]:
    gate = asyncio.Semaphore(width)
    ledger = Ledger()

    async def guarded(merchant: str) -> Position:
        async with gate:
            return await settle_merchant.options(id=f"settle-{day}-{merchant}")(merchant, day)

    async with fees_booked(ledger, sorted(merchants)):
        positions = await asyncio.gather(*[guarded(m) for m in merchants], return_exceptions=True)  # expect: DUR134
    lines = [f"{p.merchant};{p.cents}" for p in positions if isinstance(p, Position)]
    while merchant := ledger.take_dirty():
        lines.append(f"{merchant};fee")
    path = await bank.write_report(day, lines)
    upcoming = next_settlement_day(date.fromisoformat(day))
    log_line = f"{len(merchants)} merchants, next {upcoming}"
    da.get_logger(__name__).info(log_line)
    return [path, value_date().isoformat(), log_line]
