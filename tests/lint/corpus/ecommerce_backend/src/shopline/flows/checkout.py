"""From the basket to the parcel."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import durable_async as da

from ..activities import charge_card, notify, render_invoice, reserve_stock
from ..durable import workflow
from ..events import EventBus, announce, count_published
from ..models import Order, OrderState
from ..pricing import Discount, LuckyDiscount, SeededDiscount, quote
from ..repositories import OrderRepository, Repository
from ..util import business_date, elapsed, order_reference, stable_reference

if TYPE_CHECKING:
    from threading import Lock

log = logging.getLogger(__name__)


def build_bus() -> EventBus:
    bus = EventBus()
    bus.subscribe("shipped", announce)
    return bus


def pick_discount(order: Order) -> Discount:
    if "vip" in order.tags:
        return LuckyDiscount(10)
    return SeededDiscount()


class CheckoutService:
    """Owns the steps of one checkout."""

    _lock: Lock | None = None

    def __init__(self, repository: Repository[Order], bus: EventBus) -> None:
        self.repository = repository
        self.bus = bus
        self.timings: list[float] = []

    async def reserve(self, order: Order) -> list[bool]:
        results = []
        for sku in order.skus():  # expect: DUR134
            results.append(await reserve_stock(sku, 1))
        return results

    async def reserve_sorted(self, order: Order) -> None:
        for sku in sorted(order.skus()):
            await reserve_stock(sku, 1)

    async def pay(self, order: Order) -> str:
        with elapsed(self.timings):
            cents = quote(order, pick_discount(order))
        log.info("order %s costs %s", order.id, cents)
        try:
            return await charge_card(order.id, cents)
        except asyncio.CancelledError:  # expect: DUR135
            self.bus.pending.clear()
            return ""

    async def finish(self, order: Order) -> str:
        render_invoice(order)  # expect: DUR133
        entry = self.bus.publish("shipped", order.id)
        await notify(order.email, entry.message)
        return OrderState.SHIPPED.stamp()


@workflow
async def checkout_order(order: Order, dsn: str) -> str:
    service = CheckoutService(OrderRepository(dsn), build_bus())
    known = await service.repository.load(order.id)
    if known is None:
        return order_reference("new")
    await service.reserve(order)
    await service.reserve_sorted(order)
    if not da.wait_for_event("approved", bool):  # expect: DUR133
        return stable_reference(order.id)
    payment = await service.pay(order)
    da.set_custom_status({"payment": payment, "published": count_published()})
    await da.sleep_until(da.now())
    return f"{await service.finish(order)} {business_date(2)}"
