"""The life of a listing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import durable_async as da

from app.activities import book_viewing, lookup_owner, send_mail
from app.schemas import Listing, Viewing
from app.services import Notifier, PhotoStore, PortalClient


@da.orchestrator
async def sell(listing: Listing) -> str:
    portal = PortalClient()
    url = await portal.publish(listing)
    PhotoStore("photos").archive(str(listing.id), listing.photos)
    owner = lookup_owner(listing.id)  # expect: DUR133
    visitors: set[str] = set()
    async for visitor in da.events("viewing", str):
        visitors.add(visitor)
        if len(visitors) == 3:
            break
    for visitor in visitors:  # expect: DUR134
        viewing = Viewing(listing=listing.id, visitor=visitor)
        await send_mail(visitor, Notifier().render(viewing))
    try:
        async with asyncio.timeout(timedelta(days=90).total_seconds()):
            offer = await da.wait_for_event("offer", int)
    except TimeoutError:
        await portal.withdraw(listing)
        return "expired"
    finally:
        da.set_custom_status({"url": url})
    contract = uuid4()  # expect: DUR112
    return f"{contract}:{offer}"


@da.orchestrator
async def reserve_viewing(listing_id: UUID, visitor: str, when: datetime) -> bool:
    reservation = da.uuid4()
    if when < da.now():
        return False
    await book_viewing(listing_id, visitor, str(reservation))
    await da.sleep_until(when - timedelta(hours=2))
    await send_mail(visitor, f"Your viewing of {listing_id} starts at {when:%H:%M}.")
    return True
