from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from . import steps
from .actors import HubLoad
from .carriers import parse
from .durable import continue_as_new, entity_ref, events, flow, now, sleep_until, wait_for_event
from .model import Parcel, Status

POLL_EVERY = timedelta(hours=2)
seen_scans: set[str] = set()


async def notify_watchers(parcel: Parcel) -> None:
    text = f"{parcel.tracking_no}: {parcel.status.value}"
    for address in parcel.watchers:  # expect: DUR134
        await steps.mail(address, "Your parcel", text)


def unseen(raw: dict[str, str]) -> bool:
    key = "|".join(f"{k}={raw[k]}" for k in sorted(raw))
    if key in seen_scans:  # expect: DUR141
        return False
    seen_scans.add(key)  # expect: DUR141
    return True


@flow
async def track(carrier: str, tracking_no: str, watchers: set[str]) -> str:
    """Polls the carrier until the parcel is somewhere for good."""
    parcel = Parcel.announced(tracking_no)
    parcel.watchers |= watchers
    while True:
        before = parcel.status
        for raw in await steps.poll_carrier(carrier, tracking_no):
            if unseen(raw):
                scan = parse(carrier, raw)
                parcel = parcel.apply(scan)
                await entity_ref(HubLoad, scan.hub).call(HubLoad.arrived, tracking_no, scan.at)
        if parcel.status is not before:
            await notify_watchers(parcel)
        match parcel.status:
            case Status.DELIVERED | Status.RETURNED:
                break
            case Status.LOST:
                await steps.open_case(tracking_no, "carrier says lost")
                break
            case _ if parcel.stale(now()):
                choices = parcel.allowed()
                await steps.open_case(tracking_no, f"no scan for days, expected {choices[0]}")
        await sleep_until(now() + POLL_EVERY)
    for hub in parcel.hubs:
        entity_ref(HubLoad, hub).signal(HubLoad.left, tracking_no)
    return parcel.status.value


@flow
async def subscription(address: str, numbers: list[str]) -> None:
    """A customer's subscription: tells of each status that is sent to it, forever."""
    told: dict[str, str] = {}
    async for update in events("status", dict[str, str]):
        number, status = update["number"], update["status"]
        if number not in numbers or told.get(number) == status:
            continue
        told[number] = status
        await steps.mail(address, f"{number} is {status}", "See the app for details.")
        if len(told) >= 500:
            continue_as_new(subscription(address, numbers))


@flow
async def hub_guard(hub: str) -> None:
    load = entity_ref(HubLoad, hub)
    while True:  # expect: DUR151
        gone = await load.call(HubLoad.sweep, 14)
        for number in gone:
            await steps.open_case(number, f"swept from {hub}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(86_400):
                await wait_for_event("sweep-now")


@flow
async def race_carriers(tracking_no: str, carriers: list[str]) -> str | None:
    """Which carrier knows the number? The first with events wins."""
    tasks = {asyncio.create_task(steps.poll_carrier(c, tracking_no), name=c) for c in carriers}
    winner = None
    while tasks and winner is None:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result():
                winner = task.get_name()
                break
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return winner
