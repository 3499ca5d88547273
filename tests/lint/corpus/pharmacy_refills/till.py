"""The till's process: worker, nightly import, closing time."""

import asyncio
import csv
import datetime
import os
import sys

import durable_async as da
from pharmacy import Patient, Shelf, refills
from pharmacy.audit import Auditor
from pharmacy.entities import LegacyPatient
from pharmacy.prescriptions import Prescription

DATABASE = os.environ.get("PHARMACY_DB", "sqlite:///pharmacy.db")


def rows(path: str) -> list[LegacyPatient]:
    with open(path, newline="") as file:
        return [LegacyPatient(row[0]) for row in csv.reader(file)]


def closing_time() -> datetime.timedelta:
    now = datetime.datetime.now()
    return now.replace(hour=19, minute=0) - now


async def main(path: str) -> None:
    async with da.Client(DATABASE) as client, da.Worker(client, [refills, Shelf, Patient]):
        for patient in rows(path):
            print(patient.name, patient.ticket(), patient.imported)
            await client.signal_entity(da.entity_ref(Patient, patient.name), Patient.consent, "refill")
        probe = Prescription("aspirin", 1)
        Auditor.default().record(probe.code)
        print(probe.seen, probe.leaflet, bool(probe))
        await asyncio.sleep(closing_time().total_seconds())
    Auditor.default().flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
