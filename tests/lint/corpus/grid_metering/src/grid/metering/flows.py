from datetime import datetime, timedelta

import durable_async as da

from grid.common.journal import Journal, workspace
from grid.common.units import SLOT, Energy, Slot, gaps, total
from grid.metering.readings import Reading, batches, estimator, suspicious


@da.activity(heartbeat_timeout=timedelta(minutes=1))
async def fetch(meter: str, day: datetime) -> list[Reading]:
    return [Reading(meter, Slot.of(datetime.now()), Energy(0))]


@da.activity
async def publish(meter: str, energy: int, remarks: list[str]) -> None:
    with Journal(meter) as journal:
        journal << f"published {energy}"
        if "correction" in journal:
            journal.rotate()


async def substitute(meter: str, missing: list[Slot], history: list[int], kind: str) -> list[Reading]:
    method = estimator(kind, history)
    with Journal(meter) as journal:
        journal << f"{len(missing)} substitutes"
        if len(journal) > 1_000_000:
            await da.sleep(1)
    return [Reading(meter, slot, method.estimate(), ["substitute"]) for slot in missing]


@da.orchestrator
async def close_day(meter: str, day: datetime, kind: str = "mean") -> int:
    first = Slot.of(day)
    readings = await fetch(meter, day)
    missing = gaps({reading.slot for reading in readings}, first, 48)
    if missing:
        await da.sleep_until(day + timedelta(days=1))
        history = [reading.energy.watt_hours for reading in readings]
        readings += await substitute(meter, missing, history, kind)
    remarks = list(suspicious(readings))
    energy = Energy(0)
    async for batch in batches(readings, 12):
        energy += total([reading.energy for reading in batch])
    await publish(meter, energy.watt_hours, remarks)
    start, end = first
    assert end - start == SLOT
    return energy.watt_hours


@da.orchestrator
async def replay_month(meters: set[str], month: datetime) -> dict[str, int]:
    result = {}
    with workspace(f"{month:%Y%m}") as name:
        da.set_custom_status(name)
        for meter in sorted(meters):
            result[meter] = await close_day(meter, month, "bootstrap")
    for meter in meters - set(result):  # expect: DUR134
        publish(meter, 0, ["missing"])  # expect: DUR133
        await da.sleep(1)
    return result
