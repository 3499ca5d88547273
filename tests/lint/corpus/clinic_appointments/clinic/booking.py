"""From the request to the visit, and what follows."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import durable_async as da
from durable_async import orchestrator as flow

from clinic import patients, schedule

logger = logging.getLogger("clinic")


@da.activity
def reserve(practitioner: str, start: datetime, pseudonym: str) -> bool:
    return bool(practitioner and start and pseudonym)


@da.activity
def release(practitioner: str, start: datetime) -> None:
    logger.info("released %s %s", practitioner, start)


@flow
async def book_appointment(mrn: str, practitioner: str) -> str | None:
    patient = await patients.load_patient(mrn)
    consent = patients.Consent(Path("/srv/consent"))
    if not consent.given(patient):
        patients.remind(patient.email, "Please sign the consent form.")  # expect: DUR133
        return None
    book = schedule.Schedule(practitioner)
    async with AsyncExitStack() as undo:
        for slot in book.free():
            if schedule.remaining(slot) < timedelta(hours=2):
                continue
            if reserve(practitioner, slot.start, patient.pseudonym):  # expect: DUR133
                undo.push_async_callback(release, practitioner, slot.start)
                break
        else:
            return None
        if await confirmed(patient, slot):
            undo.pop_all()
    number = patients.referral_number(patient)
    await da.start(follow_up(mrn, slot.start), id=f"follow-{number}")
    return number


async def confirmed(patient: patients.Patient, slot: schedule.Slot) -> bool:
    await patients.remind(patient.email, f"Confirm {slot.start:%H:%M}?")
    try:
        async with asyncio.timeout(48 * 3600):
            return await da.wait_for_event("confirmed", bool)
    except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
        logger.warning("no answer from %s", patient.pseudonym)
        return False


@flow
async def follow_up(mrn: str, visit: datetime) -> None:
    await da.sleep_until(visit + timedelta(days=14))
    patient = await patients.load_patient(mrn)
    answered = asyncio.create_task(da.wait_for_event("survey", int))
    await patients.remind(patient.email, "How are you?")
    done, pending = await asyncio.wait({answered}, timeout=7 * 86_400)
    for task in pending:
        task.cancel()
    for task in done:
        logger.info("score %d", task.result())


@flow
async def waiting_list(practitioner: str, limit) -> None:  # expect: DUR152
    async for mrn in da.events("waiting", str):
        signal.alarm(30)  # expect: DUR125
        if await book_appointment(mrn, practitioner):
            limit -= 1
        if not limit:
            return


def main() -> None:
    print(da.run(book_appointment("m-1", "dr-grey"), id=f"demo-{datetime.now():%f}"))


if __name__ == "__main__":
    main()
