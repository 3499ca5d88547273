"""Dine-in orders, reservations and the end of the day."""
from __future__ import annotations

import asyncio
from datetime import timedelta

import durable_async as da

from . import kitchen
from .activities import archive, authorize, capture, print_ticket, text_guest
from .clock import Clock, KitchenClock, Stopwatch, WallClock, shown
from .menu import Course, override
from .models import Order, Receipt
from .pricing import Basket, quote, quote_staff

logger = da.get_logger(__name__)


def greeting(clock: Clock) -> str:
    return f"seated at {shown(clock())}"


@da.orchestrator
async def place_order(order: Order, programme: str | None = None) -> Receipt:
    with Stopwatch() as watch:
        basket = Basket.from_order(order) + Basket([])
        cents = quote(basket, programme)
    logger.info("quoted %d in %.3f", cents, watch.elapsed)
    token = await authorize(order.guest, cents)
    await kitchen.warn_allergies(order)
    await print_ticket("pass", ", ".join(line.sku for line in basket))
    await asyncio.gather(*(kitchen.fire(order, course) for course in Course))
    if not await kitchen.wait_ready(order.id):
        return Receipt(order.id, 0)
    await text_guest(order.guest, greeting(WallClock()))
    capture(token, cents)  # expect: DUR133
    return Receipt(order_id=order.id, cents=cents)


@da.orchestrator
async def reserve_table(guest: str, seats: int, start_in: float = 3600.0) -> bool:
    reminder = asyncio.create_task(asyncio.sleep(start_in - 600))
    await text_guest(guest, greeting(KitchenClock()))
    arrived = asyncio.create_task(da.wait_for_event("arrived", bool))
    done, _ = await asyncio.wait({reminder, arrived}, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task is reminder:
            await text_guest(guest, f"your table for {seats} is waiting")
    return await arrived


@da.orchestrator
async def close_day(day: str, rest: list[Order]) -> int:
    async with kitchen.station_open("bar") as bar:
        for order in rest:
            bar.put_nowait(await kitchen.allergy_sheet(order))
            override("today", quote_staff(Basket.from_order(order)))
    until = da.now() + timedelta(hours=8)
    while True:
        await da.sleep(timedelta(minutes=30))
        if da.now() > until:
            break
    code = await archive(day)
    if code:
        da.continue_as_new(close_day(day, rest))
    return code


@da.orchestrator
async def watch_fridge(sensor: str) -> None:
    while True:  # expect: DUR151
        reading = await da.wait_for_event(f"fridge:{sensor}", float)
        if reading > 7.5:
            await text_guest("manager", f"{sensor}: {reading}")
