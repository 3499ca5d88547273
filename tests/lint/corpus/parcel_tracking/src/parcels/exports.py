"""Monthly exports for the big shippers."""
from __future__ import annotations

import asyncio
import copy
import dataclasses
import io
import pickle
import zipfile
from collections.abc import AsyncIterator, Iterable
from functools import cached_property

from shipperkit.feeds import ShipmentFeed

from . import steps
from .durable import flow, now
from .model import Parcel


@dataclasses.dataclass
class Export:
    shipper: str
    parcels: list[Parcel] = dataclasses.field(default_factory=list)
    seen: set[str] = dataclasses.field(default_factory=set)

    @cached_property
    def by_hub(self) -> dict[str, list[str]]:
        table: dict[str, list[str]] = {}
        for parcel in self.parcels:
            for hub in parcel.hubs:
                table.setdefault(hub, []).append(parcel.tracking_no)
        return table

    def add(self, parcel: Parcel) -> bool:
        if parcel.tracking_no in self.seen:
            return False
        self.seen.add(parcel.tracking_no)
        self.parcels.append(parcel)
        return True

    def snapshot(self) -> Export:
        return pickle.loads(pickle.dumps(self, protocol=5))  # expect: DUR142

    def clone(self) -> Export:
        return copy.deepcopy(self)

    def __or__(self, other: Export) -> Export:
        merged = self.clone()
        for parcel in other.parcels:
            merged.add(parcel)
        return merged

    def size(self) -> int:
        """What the shipper's inbox will have to take, zipped."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for hub, numbers in self.by_hub.items():
                archive.writestr(f"{hub}.txt", "\n".join(numbers))
        return buffer.tell()


async def feed(shipper: str) -> AsyncIterator[str]:
    async for shipment in ShipmentFeed(shipper):  # expect: DUR132
        yield shipment.number


async def numbers_of(parcels: Iterable[Parcel]) -> AsyncIterator[str]:
    for parcel in parcels:
        await asyncio.sleep(0)
        yield parcel.tracking_no


def pick(numbers: set[str], most: int) -> list[str]:
    """At most so many of them, no matter which."""
    chosen = []
    for number in numbers:  # expect: DUR134
        if len(chosen) == most:
            break
        chosen.append(number)
    return chosen


@flow
async def export_month(shipper: str, known: list[str]) -> int:
    export = Export(shipper)
    fresh = {number async for number in feed(shipper)} - set(known)
    for number in pick(fresh, 10_000):
        export.add(Parcel.announced(number))
    before = export.snapshot()
    both = before | export
    stamp = now().timestamp()
    async for number in numbers_of(both.parcels):
        await steps.archive(number, stamp, [{"shipper": shipper}])
    if both.size() > 25_000_000:
        await steps.mail(f"{shipper}@shippers.example", "Your export", "is too large for a mail, see the portal")
    await steps.mail("desk@parcels.example", "Export", f"case {steps.open_case(shipper, 'export')}")  # expect: DUR133
    return len(both.parcels)
