"""Dispatch: tours of a day, and parcels that travel alone."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

import durable_async as da

from . import parcels, slots
from .slots import Slot, SlotBook


@da.activity
async def assign(courier: str, stop: str) -> str:
    return f"{courier}:{stop}"


@da.activity
async def unassign(courier: str, stop: str) -> str:
    return f"{courier}:{stop}"


@da.activity
async def ping(courier: str) -> bool:
    return True


def either(courier: str, stop: str, add: bool) -> Awaitable[str]:
    return assign(courier, stop) if add else unassign(courier, stop)


async def stops_in_order(stops: list[str], dedupe: bool) -> list[str]:
    found = set(stops)
    found = sorted(found)
    done = [await assign("first", stop) for stop in found]
    names = sorted(done)
    if dedupe:
        names = set(names)
    for name in names:  # expect: DUR134
        await ping(name)
    return found


async def neighbours(streets: set[str], blocked: frozenset[str]) -> list[str]:
    open = streets - blocked
    open |= {"depot"}
    first, *rest = sorted(open)
    for index, street in enumerate(open):  # expect: DUR134
        await assign(first, f"{index} {street}")
    pairs = zip(rest, blocked)  # expect: DUR134
    count = 0
    for street in open:
        if street.endswith("lane"):
            count += 1
    longest = {len(street) for street in open}
    return [f"{count}/{max(longest)}", *(f"{a}-{b}" for a, b in pairs), *blocked]  # expect: DUR134


async def paperwork(courier: str, book: SlotBook) -> list[str]:
    paper = parcels.Paper.known("tour")
    for slot in slots.by_luck(book.slots):
        paper.write(slots.promise(slot))
    papers = parcels.order_by_identity([paper, parcels.Paper("return")])
    names = parcels.suffixes(parcels.existing([one.absolute() for one in papers]))
    names += parcels.collect(paper.target())
    names += parcels.lines_of("a\nb")
    for page in parcels.pages(paper):
        names.append(parcels.unpack(page[0]) + parcels.owner())
    if parcels.any_draft([parcels.ROOT / name for name in names]):
        names.append(str(parcels.bucket(len(names), (1, 2))))
    names.append(str(parcels.number(da.random("papers"), courier)))
    return names


@da.orchestrator
async def dispatch_day(courier: str, stops: list[str], begin: datetime, streets: set[str]) -> list[str]:
    started = da.now().timestamp()
    book = SlotBook(Slot(begin + timedelta(minutes=30 * n)) for n in range(len(stops)))
    ordered = await stops_in_order(stops, dedupe=len(stops) > 3)
    calls = [either(courier, stop, True) for stop in ordered]
    await asyncio.gather(*calls)
    waiting = ping(courier)
    lines = await paperwork(courier, book) + await neighbours(streets, frozenset(stops))
    if not await waiting and slots.first_free(book.slots, da.now()):
        lines.append(f"{book.pick_any().minutes} {book.pick().minutes} {book.raster()}")
    lines.append(str(book.hours([slot.begin for slot in book.late(da.now())])))
    lines.append(f"{book.age(book.slots[0])} {slots.stamp()} {book.walk([begin])}")
    lines.append(str(slots.elapsed(started, clock=lambda: da.now().timestamp())))
    lines.append(slots.describe({"kind": "heartbeat"}))
    unused = unassign(courier, ordered[0])  # expect: DUR133
    da.sleep(5)  # expect: DUR133
    return lines + [str(value) for value in parcels.weigh(7, 2) + parcels.jitter(2)]


@da.orchestrator
async def single_parcel(courier: str, stop: str) -> str:
    attempt = 0
    while True:
        attempt += 1
        try:
            async with asyncio.timeout(3600):
                await da.wait_for_event("handed_over", bool)
        except TimeoutError:
            if attempt > 3:
                break
            await ping(courier)
        except (KeyError, BaseException):  # expect: DUR135
            continue
        else:
            return await either(courier, stop, True)
    kind = unassign(courier, stop).upper()  # expect: DUR133
    await (assign(courier, "depot") if kind else unassign(courier, "depot"))
    return kind


@da.orchestrator
async def courier_watch(courier: str) -> None:
    def ended(count: int) -> bool:
        while True:
            count -= 1
            if count < 0:
                return True

    while 1:  # expect: DUR151
        await ping(courier)
        if ended(3):
            await da.sleep(60)
