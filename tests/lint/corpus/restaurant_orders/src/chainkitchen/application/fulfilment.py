"""Use cases: from the basket to the courier."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

import durable_async as da

from ..adapters.kitchen_activities import CourierDesk, capture_payment, print_slip, refund, reserve_station
from ..domain.orders import Line, Order, Ticket
from ..domain.pricing import bundle_counts, gift_for, total
from .composition import core_for

log = da.get_logger(__name__)


@da.orchestrator
async def fulfil(store: str, region: str, skus: list[str], member: str | None) -> dict[str, str]:
    core = core_for(region)
    order = Order(store, core.numbers.next_number(store), [Line(sku, 1) for sku in skus], member)
    cents = total(order, core.menu, core.loyalty, core.clock.current())
    ticket = Ticket(order)
    log.info("order %s due %s", order.key, ticket.due(20))
    async with AsyncExitStack() as undo:
        payment = await capture_payment(order.key, cents)
        undo.push_async_callback(refund, payment)
        for station in order.kitchen_route():
            if not reserve_station(store, station):  # expect: DUR133
                return {"status": "closed"}
        await print_slip(store, order.allergen_note() + gift_for(order))
        undo.pop_all()
    print_slip(store, f"bundle {bundle_counts(order)}")  # expect: DUR133
    courier = await CourierDesk.book(store, order.key)
    return {"status": "sent", "courier": courier, "token": ticket.token}


@da.orchestrator
async def hold_table(store: str, table: int) -> bool:
    try:
        async with asyncio.timeout(900):
            return await da.wait_for_event("seated", bool)
    except TimeoutError:
        return False
    except asyncio.CancelledError:  # expect: DUR135
        log.warning("table %s at %s given up", table, store)
        return False


@da.orchestrator
async def warm_up(store: str, stations: set[str]) -> int:
    ready = 0
    for station in stations:  # expect: DUR134
        if await reserve_station(store, station):
            ready += 1
    watcher = asyncio.create_task(da.wait_for_event("door-open"))
    await asyncio.sleep(600)
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher
    return ready


@da.orchestrator
async def restock_watch(store: str, threshold: int) -> None:
    while True:  # expect: DUR151
        level = await da.wait_for_event("level", int)
        if level < threshold:
            await print_slip(store, f"restock: {level}")


@da.orchestrator
async def opening_hours(store: str, day: int) -> None:
    while True:
        await da.wait_for_event("open", str)
        await print_slip(store, f"day {day}")
        da.continue_as_new(opening_hours(store, day + 1))
