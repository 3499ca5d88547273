import asyncio
import functools
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import durable_async as da

from .channels import ChannelError, ChannelManager, confirmation
from .pricing import Quote, quote_for
from .support import Deadline, DurableClock, persistent, saga

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stay", "Booking", "book_stay", "waitlist"]


@dataclass(frozen=True)
class Stay:
    guest: str
    rooms: list[str]
    arrival: date
    nights: int = 1
    wishes: set[str] = field(default_factory=set)

    def dates(self) -> "Iterator[date]":
        return (self.arrival + timedelta(days=n) for n in range(self.nights))


@dataclass
class Booking:
    code: str
    holds: list[str]
    cents: int
    extras: list[str] = field(default_factory=list)


@da.activity
async def take_deposit(guest: str, cents: int) -> str:
    return f"{guest}:{cents}"


@da.activity
async def refund(deposit: str) -> None: ...


@da.orchestrator
async def book_stay(stay: Stay) -> Booking:
    clock = DurableClock()
    limit = Deadline(clock, timedelta(minutes=20))
    quote: Quote = quote_for(stay.rooms, stay.arrival)
    async with saga() as undo:
        holds = []
        for room in stay.rooms:
            for night in stay.dates():
                hold = await persistent(functools.partial(ChannelManager.hold, room, night), clock)
                undo.push_async_callback(ChannelManager.release, hold)
                holds.append(hold)
        if limit:
            raise ChannelError("took too long")
        deposit = await take_deposit(stay.guest, quote.deposit)
        undo.push_async_callback(refund, deposit)
        async with asyncio.timeout(limit.remaining()):
            await da.wait_for_event("confirmed", bool)
        return Booking(confirmation(stay.rooms[0], stay.guest), holds, quote.total, sorted(stay.wishes))


@da.orchestrator
async def waitlist(stay: Stay, round: int = 0) -> Booking | None:
    pending = {asyncio.create_task(da.wait_for_event(f"free:{room}", str)) for room in stay.rooms}
    done, rest = await asyncio.wait(pending, timeout=86_400, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    if not done:
        if round > 30:
            return None
        da.continue_as_new(waitlist(stay, round + 1))
    return await book_stay(stay)
