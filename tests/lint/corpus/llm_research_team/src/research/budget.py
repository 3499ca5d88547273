"""What a research run may cost."""

import asyncio
import contextlib
import datetime as dt
import threading
from decimal import Decimal

import durable_async as da

RATES = {"researchers": Decimal("0.12"), "overhead": Decimal("0.01")}


class Ledger:
    open_ledgers: list["Ledger"] = []

    def __init__(self, limit_cents: int):
        self.limit = limit_cents
        self.lines: list[tuple[str, int]] = []
        self._lock = threading.Lock()  # expect: DUR131
        Ledger.open_ledgers.append(self)  # expect: DUR141

    def charge(self, what: str, cents: int):
        if self.spent + cents > self.limit:
            raise OverflowError(f"{what}: {self.spent + cents} of {self.limit}")
        self.lines.append((what, cents))

    def charge_overhead(self):
        day = dt.date.today()  # expect: DUR101
        weekend = day.weekday() >= 5
        self.charge("overhead", 2 if weekend else 1)

    @property
    def spent(self) -> int:
        return sum(cents for _, cents in self.lines)

    def __repr__(self):
        return f"<Ledger {self.spent}/{self.limit} at {dt.datetime.now():%H:%M}>"


@da.activity
async def ask_finance(spent: int) -> bool:
    await asyncio.sleep(0)
    return spent < 10_000


async def approval(ledger: Ledger) -> bool:
    """Finance first; a person when finance does not answer."""
    with contextlib.suppress(asyncio.CancelledError):  # expect: DUR135
        return await ask_finance(ledger.spent)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(3600):
            return await da.wait_for_event("budget-approved", bool)
    return False
