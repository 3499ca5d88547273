"""Orders that the customer fetches from a locker."""

from datetime import datetime, timedelta
from random import Random

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from common import next_cutoff
    from fulfilment import activities as acts

from .base import Order, OrderFlow


class LockerCodes:
    """Four digits for the locker's keypad."""

    def __init__(self, rng: Random | None = None) -> None:
        self._rng = rng or Random()  # expect: DUR111

    def fresh(self) -> str:
        return f"{self._rng.randrange(10_000):04d}"


@workflow.defn
class PickupOrder(OrderFlow):
    @workflow.run
    async def run(self, order: Order) -> str:
        return await self.process(order)

    async def deliver(self, order: Order) -> str:
        ready = next_cutoff(workflow.now())
        await workflow.sleep(ready - workflow.now())
        primary = LockerCodes(workflow.random()).fresh()
        spare = LockerCodes().fresh()
        locker = await self.call(acts.book_locker, order.number, primary, spare)
        self.note(f"locker {locker}")
        opened = await self.opened_by(ready + timedelta(days=3), locker)
        if not opened:
            await self.compensate()
        return locker

    async def opened_by(self, deadline: datetime, locker: str) -> bool:
        now = workflow.now
        while now() < deadline:
            if await self.call(acts.locker_opened, locker):
                return True
            await workflow.sleep(timedelta(minutes=30))
        return False
