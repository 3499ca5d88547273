from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import durable_async as da

from . import dates, partners, pricing
from .flags import Flags
from .partners import CardDeclined, Hold, Inventory, SoldOut
from .saga import Saga, best_effort, quietly, shielded

CLOSED = {dt.date(2025, 12, 24), dt.date(2025, 12, 31)}


@da.orchestrator
async def book(guest: str, hotel: str, kinds: set[str], arrival: str, departure: str) -> dict[str, Any]:
    stay = dates.Stay(dates.iso(arrival), dates.iso(departure))
    if blocked := dates.first_closed(stay, CLOSED):
        return {"ok": False, "why": f"closed on {blocked}", "days": dates.closed_days(stay, CLOSED)}
    price = pricing.bundle(kinds, stay, guest)
    if Flags.on("overbook"):
        Flags.set("vouchers", False)

    holds: list[Hold] = []
    async with Saga(f"book {hotel}") as saga:
        try:
            for kind in kinds:  # expect: DUR134
                hold = await saga.step(Inventory.hold(hotel, kind, arrival, len(stay)), Inventory.release)
                holds.append(hold)
        except SoldOut as err:
            await best_effort(partners.mail(guest, "sold-out", {"kind": str(err)}))
            raise
        payment = await saga.step(
            partners.charge(guest, price.cents, str(da.uuid4())),
            partners.refund,
            guest,
        )
        numbers = await asyncio.gather(*[Inventory.confirm(hold, guest) for hold in holds])

    if Flags.on("vouchers"):
        await quietly(partners.mail(guest, "voucher", {"code": price.code}))
    await partners.mail(guest, "confirmed", {"numbers": numbers, "payment": payment})
    return {"ok": True, "numbers": numbers}


@da.orchestrator
async def cancel_booking(guest: str, payment: str, holds: list[Hold]) -> bool:
    try:
        await shielded(partners.refund(guest, payment))
    except CardDeclined:
        return False
    except BaseException:
        await partners.mail(guest, "refund-problem", {"payment": payment})
        raise
    finally:
        for hold in holds:
            await best_effort(Inventory.release(hold))
    return True


@da.orchestrator
async def hold_for_group(leader: str, hotel: str, size: int) -> int:
    """Group bookings: hold rooms one by one, until the leader says stop or the day is over."""
    got: list[Hold] = []
    stop = asyncio.ensure_future(da.wait_for_event("stop", str))
    try:
        async with asyncio.timeout(86_400):
            while len(got) < size and not stop.done():
                got.append(await Inventory.hold(hotel, "double", da.now().date().isoformat(), 1))
                await asyncio.sleep(60)
    except (TimeoutError, SoldOut):
        pass
    finally:
        if not got:
            return 0  # expect: DUR135
        stop.cancel()
    partners.mail(leader, "group", {"rooms": [h.room for h in got]})  # expect: DUR133
    return len(got)
