"""Operators' console."""

import asyncio
import datetime
import sys

import durable_async as da
from wards.flows import nightly_round, plan_surgery
from wards.people import Patient
from wards.planning import rehearsal
from wards.registry import remember


async def start(number: str) -> None:
    patient = Patient(number, datetime.date.today())
    rehearsal([patient])
    remember(number)
    async with da.Client() as client:
        handle = await client.start(plan_surgery(patient, "north", "fair"), id=f"p-{number}")
        print(await handle.result())
        nightly_round("ward-2")  # expect: DUR133


if __name__ == "__main__":
    asyncio.run(start(sys.argv[1]))
