import asyncio
from datetime import datetime, timedelta
from operator import attrgetter

import durable_async as da

from .adapters import DurableClock, MemoryLedger, OffsetClock
from .adapters.clocks import from_timestamp
from .middleware import default_chain
from .ports import Clock, Container, Entry, Lazy, Ledger


@da.activity
async def store(entry: Entry) -> Entry:
    return entry


@da.activity
async def mail_statement(customer: str, lines: list[str]) -> None: ...


class Programme:
    """The rules. Everything it needs is given to it."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.ledger = ledger
        self.clock = clock

    def entry(self, customer: str, points: int, reason: str) -> Entry:
        return Entry(customer, points, reason, self.clock.now())

    async def book(self, entry: Entry) -> Entry:
        stored = await default_chain(self.persist)(entry)
        self.ledger.append(stored)
        return stored

    async def persist(self, entry: Entry) -> Entry:
        return await store(entry)

    def expired(self, customer: str, years: int = 3) -> int:
        limit = self.clock.now() - timedelta(days=365 * years)
        return sum(entry.points for entry in self.ledger.entries(customer) if entry.at < limit)


def wire() -> Container:
    clock = OffsetClock(DurableClock(), timedelta(hours=2))
    return Container().bind(OffsetClock, lambda: clock).bind(MemoryLedger, MemoryLedger)


@da.orchestrator
async def earn_points(customer: str, purchases: dict[str, int], opened: float) -> int:
    container = wire()
    programme = Programme(container.get(MemoryLedger), container.get(OffsetClock))
    for sku, cents in sorted(purchases.items()):
        await programme.book(programme.entry(customer, cents // 100, sku))
    age = OffsetClock(DurableClock(), timedelta()) - from_timestamp(opened)
    if age > timedelta(days=365):
        await programme.book(programme.entry(customer, 50, "birthday"))
    return programme.ledger.balance(customer)


@da.orchestrator
async def close_year(customer: str, entries: list[Entry], at: datetime) -> list[str]:
    await da.sleep_until(at)
    lazy = Lazy(lambda: MemoryLedger(entries))
    programme = Programme(lazy(), DurableClock())
    expired = programme.expired(customer)
    ledger = lazy()
    ledger.compact()
    backup = ledger.clone()
    lines = [f"{entry.at:%d.%m.} {entry.points}" for entry in sorted(entries, key=attrgetter("at"))]
    lines += ledger.reasons()[: backup.reason_count()]
    mail_statement(customer, lines)  # expect: DUR133
    async with asyncio.timeout(86_400):
        while not await da.wait_for_event("read", bool):
            expired += 1
    return lines[:expired]
