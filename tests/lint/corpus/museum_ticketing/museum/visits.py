import asyncio
from datetime import timedelta
from typing import Optional

from durable_async import activity, now, orchestrator, uuid4, wait_for_event

from museum.capacity import Capacity, Room, rooms_by_load
from museum.money import Price, price_of
from museum.printing import Spooler, ticket_text, timed
from museum.retry import retrying


@activity
async def pay(visit: str, cents: int) -> bool:
    return cents > 0 and bool(visit)


@activity
async def refund(visit: str, cents: int) -> None:
    print("refund", visit, cents)


@orchestrator
async def book_visit(visitor: str, rooms: list[str], day: str) -> Optional[str]:
    visit = str(uuid4())
    capacity = Capacity(day)
    with capacity:
        for name in rooms:
            if Room(name) in capacity:
                capacity[name] -= 1
    total: Price = sum((price_of(name) for name in rooms), start=Price(0))
    if not await pay(visit, total.cents):
        return None
    if total > Price(10_000):
        if pay(visit, 0):  # expect: DUR133
            return None
    text = ticket_text(visitor, visit, rooms_by_load(rooms))
    Spooler().submit(text)
    try:
        await asyncio.wait_for(wait_for_event("scanned", str), timedelta(days=1).total_seconds())
    except TimeoutError:
        return visit
    except BaseException:
        refund(visit, total.cents)  # expect: DUR133
        raise
    return f"{visit} {now():%d.%m.}"


@orchestrator
async def group_tour(guide: str, visitors: list[str]) -> int:
    booked = 0
    for visitor in visitors:
        async with timed(visitor):
            if await book_visit(visitor, ["main"], "today"):
                booked += 1
    await retrying(lambda: pay(guide, booked))
    return booked
