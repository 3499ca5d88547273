"""Orders that go out by carrier."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import common
    from common.clock import from_epoch, local_label
    from common.ids import check_digit
    from fulfilment import activities as acts

from .base import Order, OrderFlow

CARRIERS = frozenset({"dpd", "inpost", "gls"})
RANKED = tuple(sorted(CARRIERS))


@workflow.defn
class ParcelOrder(OrderFlow):
    def __init__(self) -> None:
        super().__init__()
        self.delivered = asyncio.Event()
        self.tracking: str | None = None

    @workflow.run
    async def run(self, order) -> str:  # expect: DUR152
        self.tags.update({"parcel", order.shop})
        key = common.order_key(order.shop, order.number)
        workflow.logger.info("order %s, begun %s", key, from_epoch(workflow.time()))
        return await self.process(order)

    async def deliver(self, order: Order) -> str:
        due = common.total(order.money)
        self.note(f"due {due.amount} {due.currency}")
        await self.call(acts.announce, self.tag_line())
        cutoff = common.next_cutoff()
        if cutoff > workflow.now() + timedelta(hours=1):
            await asyncio.sleep((cutoff - workflow.now()).total_seconds() - 3600)
        carrier = await self.choose_carrier(order)
        self.tracking = common.tracking_number(carrier)
        code = common.label_code(10)
        await self.call(acts.print_label, self.tracking, code + str(check_digit(code)), local_label(cutoff))
        workflow.start_activity(acts.announce, f"{self.tracking} is packed", start_to_close_timeout=timedelta(minutes=1))
        await self.wait_for_delivery()
        return self.tracking

    async def choose_carrier(self, order: Order) -> str:
        offers: dict[str, int] = {}
        for carrier in CARRIERS:  # expect: DUR134
            offers[carrier] = await self.call(acts.offer, carrier, order.number)
        for carrier in RANKED:
            if offers[carrier] == 0:
                return carrier
        return min(offers, key=lambda name: (offers[name], name))

    async def wait_for_delivery(self) -> None:
        with_reminders = asyncio.create_task(self.remind())
        try:
            async with asyncio.timeout(timedelta(days=21).total_seconds()):
                await self.delivered.wait()
        except TimeoutError:
            self.note("lost")
        finally:
            with_reminders.cancel()

    async def remind(self) -> None:
        for days in (3, 4, 7):
            await asyncio.sleep(days * 86_400)
            workflow.execute_activity(  # expect: DUR133
                acts.announce, f"{self.tracking} still on its way", start_to_close_timeout=timedelta(minutes=1)
            )

    @workflow.signal(name="carrier-scan")
    def scanned(self, status: str, at: float) -> None:
        self.note(f"{status} at {from_epoch(at):%d.%m.}")
        if status in {"delivered", "returned"}:
            self.delivered.set()
