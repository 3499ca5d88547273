from __future__ import annotations

import asyncio
from datetime import date, timedelta

from . import parts, scheduling as plan
from .checks import create
from .checks.base import inspected
from .durable import again, now, signal, workflow
from .steps import book_bay, file_report, order_part, read_odometer

KINDS = ("oil", "obd", "rust", "paint")


@workflow
async def service(vin: str, garage: str) -> list[str]:
    mileage = await read_odometer(vin)
    defects: list[str] = []
    for kind in KINDS:
        defects += create(kind, vin).run(mileage)
    plan.cool_down(1.5)
    orders = await parts.order_all(defects)
    if inspected() > 100 and not await parts.order_once("washer"):
        orders += await parts.order_sorted(defects)
    bay = await book_bay(vin, garage)
    await file_report(vin, f"{bay}: {sum(parts.counted(defects).values())}")
    return orders


@workflow
async def recall(vins: set[str], part: str) -> int:
    fixed = 0
    due = plan.Due(part, date(2026, 1, 1))
    if due:
        for vin in sorted(vins):
            await service(vin, "main")
            fixed += 1
    first = parts.any_of(set(vins))
    if service(first, "spare") == []:  # expect: DUR133
        fixed -= 1
    await asyncio.gather(*{order_part(part, n) for n in range(3)})
    return fixed


@workflow
async def restock(stock: dict[str, int], wanted: dict[str, int]) -> list[str]:
    lacking = parts.missing(stock, wanted)
    async for slot in plan.slots(now(), 4):
        if slot.weekday() < 5:
            await asyncio.sleep((slot - now()) / timedelta(seconds=1))
    cheapest = parts.cheapest(set(lacking))
    await signal("go", bool)
    return [cheapest, *lacking]


@workflow
async def nightly(depot: str, round_number: int = 0) -> None:
    while True:
        await asyncio.sleep(86_400)
        order_part("washer", 10)  # expect: DUR133
        if round_number > 30:
            again(nightly(depot, 0))
        round_number += 1


@workflow
async def lease_end(vin: str, on_date, odometer: int = 0) -> bool:  # expect: DUR152
    return odometer > 10 and plan.today() > on_date


@workflow(name="lease-transfer")
async def transfer(vin: str, to: str):  # expect: DUR152
    await file_report(vin, to)


@workflow(name="lease-transfer")
async def transfer_bulk(vins: list[str], to: str) -> None:  # expect: DUR152
    for vin in vins:
        await transfer(vin, to)
