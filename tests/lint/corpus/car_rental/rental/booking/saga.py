from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import durable_async as da

from rental.adapters import Adapters, build
from rental.booking.deposits import authorise, capture, void
from rental.booking.pricing import quote_for
from rental.util.ids import contract_number
from rental.util.timeit import measured

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Booking:
    customer: str
    car_class: str
    pickup: datetime
    days: int
    extras: frozenset[str] = frozenset()


@da.orchestrator(version="3")
async def book_car(booking: Booking, desk: str) -> str:
    adapters = build(desk)
    quote = quote_for(booking.car_class, booking.days, booking.extras)
    async with contextlib.AsyncExitStack() as undo:
        hold = await authorise(booking.customer, quote.deposit)
        undo.push_async_callback(void, hold)
        car = await reserve(adapters, booking.car_class)
        number = contract_number(desk)
        await da.sleep_until(booking.pickup - timedelta(hours=24))
        if not await still_wanted(booking.customer):
            return "cancelled"
        undo.pop_all()
    with contextlib.suppress(BaseException):  # expect: DUR135
        await adapters.archive(number, quote)
    capture(hold, quote.total)  # expect: DUR133
    logger.info("booked %s", number)
    return f"{number}/{car}"


async def reserve(adapters: Adapters, car_class: str) -> str:
    for city in adapters.cities:  # expect: DUR134
        car = await adapters.find(city, car_class)
        if car is not None:
            return car
    raise LookupError(car_class)


async def still_wanted(customer: str) -> bool:
    try:
        async with asyncio.timeout(3600):
            return await da.wait_for_event(f"confirm-{customer}", bool)
    except TimeoutError:
        return True


@da.orchestrator
@measured
async def return_car(number: str, mileage: int) -> int:
    fee = max(0, mileage - 1000) * 25
    if fee:
        await capture(number, fee)
    return fee
