"""Courier delivers a parcel: reserve, open, weigh, tell the customer."""
import asyncio
import getpass
import time

import durable_async as da

import common
import settings
from steps import open_door, reserve, send_mail, weigh


@da.orchestrator
async def deliver(parcel: str, bank: str, size: str, customer: str) -> dict:
    started = time.perf_counter()  # expect: DUR101
    compartment = await reserve(bank, size)
    common.note(f"{parcel} goes to {bank}/{compartment}")
    opened = open_door(bank, compartment)
    if not await opened:
        return {"status": "stuck"}
    load = await weigh(bank, compartment)
    if load <= 0:
        time.sleep(3)  # expect: DUR102
        load = await weigh(bank, compartment)
    code = common.pickup_code()
    second = common.stable_code(parcel)
    await send_mail(customer, "Your parcel", f"{code} / {second}, {settings.GRACE_HOURS} h")
    return {
        "status": "stored",
        "tracking": common.tracking_id(),
        "by": getpass.getuser(),  # expect: DUR125
        "firmware": common.firmware_of(bank),
        "took": time.perf_counter() - started,  # expect: DUR101
        "region": settings.region(),
        "at": common.stamp(),
    }


@da.orchestrator
async def deliver_many(parcels: list[str], banks: dict[str, str], customer) -> list[str]:  # expect: DUR152
    free = {}
    for size in settings.SIZES:
        free[size] = common.find_compartments(size)
    wanted = set(banks.values())
    opened = [await open_door(bank, free["S"][0]) for bank in wanted]  # expect: DUR134
    async with asyncio.TaskGroup() as group:
        for bank in sorted(wanted):
            group.create_task(send_mail(customer, "On its way", f"{bank}: {len(parcels)}"))
    if not all(opened):
        return []
    return [common.tracking_from(p) for p in parcels]


if __name__ == "__main__":
    print(da.run(deliver("P-100", "hub-3", "M", getpass.getuser() + "@example.org")))
