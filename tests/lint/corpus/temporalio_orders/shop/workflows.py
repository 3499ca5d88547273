"""The order and its shipments."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Optional

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    import time
    import uuid

    from shop.activities import OrderInput, Warehouse, charge, print_label
    from shop.pricing import discounted, lucky, promised, shipping

SHORT = timedelta(seconds=30)
RETRY = RetryPolicy(maximum_attempts=4)


@workflow.defn
class OrderWorkflow:
    def __init__(self) -> None:
        self.approved: Optional[bool] = None
        self.notes: list[str] = []
        self.reservations: list[str] = []
        self.trace = uuid.uuid4().hex  # expect: DUR112

    @workflow.run
    async def run(self, order: OrderInput) -> str:
        cents = discounted(order.cents, order.coupons)
        cents += shipping(cents)
        if cents > 1_000_00:
            await workflow.wait_condition(lambda: self.approved is not None, timeout=timedelta(days=2))
            if not self.approved:
                return "rejected"
        try:
            await self._reserve(order.skus)
            receipt = await workflow.execute_activity(
                charge, args=[order.order_id, cents], start_to_close_timeout=SHORT, retry_policy=RETRY
            )
        except ActivityError:
            await self._release()
            raise
        except asyncio.CancelledError:  # expect: DUR135
            await self._release()
            return "cancelled"
        workflow.execute_activity(print_label, order.order_id, start_to_close_timeout=SHORT)  # expect: DUR133
        started = time.time()  # expect: DUR101
        shipped = await workflow.execute_child_workflow(
            ShipmentWorkflow.run, order.order_id, id=f"ship-{order.order_id}-{workflow.uuid4()}"
        )
        workflow.logger.info("%s %s in %.1f s", receipt, shipped, time.time() - started)  # expect: DUR101
        return f"{receipt} by {promised(3)}{'!' if lucky(order.order_id) else ''}"

    async def _reserve(self, skus: list[str]) -> None:
        calls = [
            workflow.execute_activity_method(Warehouse.reserve, sku, start_to_close_timeout=SHORT)
            for sku in sorted(set(skus))
        ]
        self.reservations.extend(await asyncio.gather(*calls))

    async def _release(self) -> None:
        for reservation in reversed(self.reservations):
            await workflow.execute_activity("release-stock", reservation, start_to_close_timeout=SHORT)

    @workflow.signal
    async def approve(self, by: str) -> None:
        self.notes.append(f"{time.ctime()} {by}")  # expect: DUR101
        self.approved = True

    @workflow.signal(name="note")
    def add_note(self, text: str) -> None:
        self.notes.append(f"{workflow.now():%H:%M} {text}")
        print(text)  # expect: DUR143

    @workflow.query
    def status(self) -> str:
        return "waiting" if self.approved is None else "going on"


@workflow.defn(name="shipment")
class ShipmentWorkflow:
    _carriers: list[str] = []

    @workflow.run
    async def run(self, order_id: str) -> str:
        await asyncio.sleep(3600)
        ShipmentWorkflow._carriers.append(order_id)  # expect: DUR141
        checked = await asyncio.to_thread(self._check_address, order_id)  # expect: DUR131
        time.sleep(0.2)  # expect: DUR102
        return "shipped" if checked else "held"

    def _check_address(self, order_id: str) -> bool:
        return bool(order_id)


@workflow.defn
class StockMonitor:
    @workflow.run
    async def run(self, skus: list[str], rounds: int = 0) -> None:
        while True:
            for sku in skus:
                await workflow.execute_activity_method(Warehouse.reserve, sku, start_to_close_timeout=SHORT)
            await workflow.sleep(timedelta(hours=1))
            rounds += 1
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[skus, rounds])
