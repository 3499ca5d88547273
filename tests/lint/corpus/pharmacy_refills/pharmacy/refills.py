import asyncio
from datetime import date

import durable_async as da

from .entities import Shelf
from .prescriptions import Prescription, most_urgent


@da.activity
async def dispense(patient: str, code: str, count: int) -> str:
    return f"{patient}-{code}"


@da.activity
async def call_patient(patient: str, text: str) -> bool: ...


async def counsel(patient: str, first: Prescription, second: Prescription) -> None:
    if first @ second:
        await call_patient(patient, first.leaflet)
    if first == second:
        return
    second.quantity = 2


@da.orchestrator
async def refill(patient: str, drugs: list[str], days: int, start: date) -> list[str]:
    prescriptions = [Prescription(drug, days, urgency=len(drug)) for drug in drugs]
    shelf = da.entity_ref(Shelf, "main")
    done: list[str] = []
    for prescription in most_urgent(prescriptions):
        async with da.lock(shelf):
            taken = await shelf.call(Shelf.take, prescription.drug, prescription.quantity)
        if taken:
            done.append(await dispense(patient, prescription.code, taken))
        else:
            shelf.signal(Shelf.ring)
        da.set_custom_status(f"{prescription.seen:%H:%M} {prescription.drug}")
    for earlier, later in zip(prescriptions, prescriptions[1:]):
        await counsel(patient, earlier, later)
    code = await prescriptions[0]
    due = Prescription.next_due(start, days)
    call_patient(patient, f"{code} is due on {due}")  # expect: DUR133
    return done


@da.orchestrator
async def recall_batch(batch: str, patients: set[str]) -> int:
    reached = 0
    waiting = {patient for patient in patients if patient}
    while waiting:
        patient = waiting.pop()  # expect: DUR134
        try:
            reached += await call_patient(patient, f"please return {batch}")
        except (OSError, asyncio.CancelledError):  # expect: DUR135
            waiting.discard(patient)
    return reached
