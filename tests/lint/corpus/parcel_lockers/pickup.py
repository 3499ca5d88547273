"""Customer side: remind, wait for the pickup, send back when nobody comes."""
import asyncio
import os
import pickle

import durable_async as da

import common
from settings import GRACE_HOURS, REMIND_AFTER
from steps import open_door, return_to_sender, send_mail


async def remind(customer, hours):
    await asyncio.sleep(hours * 3600)
    send_mail(customer, "Reminder", f"stored at {common.day_of(0)}")  # expect: DUR133
    return hours


async def remind_again(customer, hours):
    asyncio.sleep(60)  # expect: DUR133
    await send_mail(customer, "Last reminder", f"{hours} hours")


@da.orchestrator
async def pickup(parcel: str, bank: str, compartment: int, customer: str) -> str:
    reminders = [asyncio.create_task(remind(customer, h)) for h in REMIND_AFTER]
    try:
        async with asyncio.timeout(GRACE_HOURS * 3600):
            await da.wait_for_event("code-entered", str)
    except TimeoutError:
        await remind_again(customer, GRACE_HOURS)
        return await return_to_sender(parcel)
    finally:
        for task in reminders:
            task.cancel()
    try:
        await open_door(bank, compartment)
    except:  # expect: DUR135
        common.note(f"door {bank}/{compartment} did not open")
    return "picked-up"


@da.orchestrator
async def pickup_with_state(parcel: str, blob: bytes) -> str:
    state = pickle.loads(blob)  # expect: DUR142
    if os.path.exists(os.path.join("/var/lib/lockers", parcel)):  # expect: DUR122
        return "held"
    try:
        await open_door(state["bank"], state["compartment"])
    except BaseException:
        await return_to_sender(parcel)
        raise
    return os.path.basename(parcel)


@da.orchestrator
def door_check(bank: str) -> bool:  # expect: DUR152
    return bool(bank)
