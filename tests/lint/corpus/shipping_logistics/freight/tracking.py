"""Follows parcels until they arrive, and consolidates shipments."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from random import Random
from typing import Any, Generator

import arrow
import click
import durable_async as da
from durable_async import activity, orchestrator, wait_for_event
from loguru import logger

from freight.carriers import Carrier, CourierCarrier, PostCarrier, Quote, SeaCarrier, all_quotes, cheapest
from freight.documents import archive_papers, bundle, signature, tariff_for, waybill
from freight.routing import close_hub, tour

audit = logging.getLogger("freight.audit")
CARRIERS: list[Carrier] = [PostCarrier(), CourierCarrier(), SeaCarrier()]


@activity
async def notify_recipient(parcel_id: str, text: str) -> None:
    logger.info("notifying {}: {}", parcel_id, text)
    await asyncio.sleep(0.2)


@activity
def poll_scans(parcel_id: str) -> Generator[str, None, None]:  # expect: DUR152
    yield f"{parcel_id}@{datetime.now():%H:%M}"


class ParcelTracker:
    """Collects scans of one parcel."""

    late_after = timedelta(days=5)

    def __init__(self, parcel_id: str) -> None:
        self.parcel_id = parcel_id
        self.scans: list[tuple[str, datetime]] = []
        self.promised = arrow.utcnow().shift(days=4)  # expect: DUR101

    def add(self, hub: str) -> None:
        self.scans.append((hub, da.now()))
        logger.debug("{} scanned at {}", self.parcel_id, hub)  # expect: DUR143
        audit.debug("%s scanned at %s", self.parcel_id, hub)

    @property
    def arrived(self) -> bool:
        return bool(self.scans) and self.scans[-1][0] == "DOOR"

    async def until_arrival(self) -> int:
        while True:
            self.add(await wait_for_event(f"scan-{self.parcel_id}", str))
            if self.arrived:
                return len(self.scans)

    async def nag(self) -> None:
        for _ in range(4):
            await asyncio.sleep(self.late_after.total_seconds())
            await notify_recipient(self.parcel_id, "still on its way")


@orchestrator
async def ship(parcel_id: str, grams: int, country: str, categories: list[str]) -> dict[str, Any]:
    quotes = await all_quotes(CARRIERS, grams, country)
    best: Quote = cheapest(quotes)
    carrier = next(c for c in CARRIERS if c.code == best.carrier)
    tracking = await carrier.book(parcel_id)
    papers = {"waybill.txt": waybill(best.carrier, [tariff_for(c) for c in categories])}
    archive_papers(parcel_id, bundle(papers))  # expect: DUR133
    click.echo(f"{parcel_id}: {best.euros} EUR")  # expect: DUR143
    tracker = ParcelTracker(parcel_id)
    nagging = asyncio.create_task(tracker.nag())
    try:
        scans = await tracker.until_arrival()
    finally:
        nagging.cancel()
    return {"tracking": tracking, "scans": scans, "signature": signature(papers)}


def dock_order(docks: int, random: Random) -> list[int]:
    order = list(range(docks))
    random.shuffle(order)
    return order


@orchestrator
async def consolidate(hub: str, stops: list[str], parcels: list[str], quality: str) -> list[str]:
    route = tour(stops, quality)
    try:
        async with asyncio.timeout(7200):
            closed = await wait_for_event("hub-closed", str)
        # The dispatch centre closes hubs for the whole night.
        close_hub(closed)
        route = tour([stop for stop in stops if stop != closed], quality)
    except TimeoutError:
        audit.info("no closures for %s", hub)
    await asyncio.gather(*(notify_recipient(parcel, f"via {route[0]}") for parcel in parcels))
    da.set_custom_status({"docks": dock_order(6, da.random("docks"))})
    return route


@orchestrator
async def return_parcel(parcel_id: str) -> str:
    answer = wait_for_event("return-scanned", str)
    reminder = notify_recipient(parcel_id, "please hand in your parcel")
    await reminder
    hub = await answer
    loop = asyncio.get_running_loop()
    return f"{hub}@{loop.time():.0f}"


@orchestrator(name="hub-watch")
async def watch_hub(hub: str, subscribers: frozenset[str]) -> None:
    while True:  # expect: DUR151
        closed = await wait_for_event(f"closed-{hub}", bool)
        text = f"{hub} is {'closed' if closed else 'open'}"
        await asyncio.gather(*map(lambda who: notify_recipient(who, text), subscribers))  # expect: DUR134
