"""Merging what several hospitals know of one patient."""

from __future__ import annotations

import asyncio
import copy
import itertools
import typing as t

from . import identity
from .durable import workflow
from .identity import Patient
from .io.fhir import FhirError, FhirStore
from .tasks import audit, consent_of, fetch_record, store_record

if t.TYPE_CHECKING:
    import threading

    Gate = threading.Semaphore

Record = dict[str, t.Any]


class Merger:
    """Later records win, field by field."""

    rejected: t.ClassVar[list[str]] = []

    def __init__(self, policy: str = "latest", trail: list[str] | None = None) -> None:
        self.policy = policy
        self.trail = trail if trail is not None else []

    def merge(self, records: t.Sequence[Record]) -> Record:
        merged: Record = {}
        for record in records:
            if "family" not in record:
                self.rejected.append(record["id"])  # expect: DUR141
                continue
            merged.update({key: value for key, value in record.items() if value is not None})
            self.trail.append(record["id"])
        return merged

    def conflicts(self, records: t.Sequence[Record]) -> list[str]:
        names = {name for record in records for name in record}
        wrong = []
        for name in sorted(names):
            if len({str(record.get(name)) for record in records}) > 1:
                wrong.append(name)
        return wrong

    def sources(self, records: t.Sequence[Record]) -> list[str]:
        return list({record["source"] for record in records})  # expect: DUR134


async def _collect(key: str, hospitals: list[str]) -> list[Record]:
    calls = [fetch_record(hospital, key) for hospital in hospitals]
    found = await asyncio.gather(*calls, return_exceptions=True)
    return [record for record in found if not isinstance(record, BaseException)]


def _from_store(key: str) -> Record:
    store = FhirStore()
    try:
        return store.read("Patient", key)
    except FhirError:
        return {}


@workflow
async def merge_patient(key: str, hospitals: list[str], gate=None) -> Record:  # expect: DUR152
    if not consent_of(key):  # expect: DUR133
        return {}
    records = await _collect(key, hospitals)
    merger = Merger(trail=[])
    merged = merger.merge(copy.deepcopy(records))
    merged["sources"] = merger.sources(records)
    merged["conflicts"] = merger.conflicts(records)
    patient = Patient(merged["family"], merged["given"], merged["born"])
    merged["pseudonym"] = identity.pseudonym(patient)
    if not merged["pseudonym"]:
        merged["pseudonym"] = identity.one_time_pseudonym()
        merged["salt"] = identity.salt().hex()
    merged["bucket"] = patient.bucket() or patient.stable_bucket()
    previous = _from_store(key)
    for name, value in itertools.islice(previous.items(), 100):
        merged.setdefault(name, value)
    merged["point"] = identity.decimal_point()
    await store_record(merged)
    await audit("merge", key)
    return merged


@workflow(name="merge-many")
async def merge_many(keys: list[str], hospitals: list[str]) -> int:
    done = 0
    for batch in itertools.batched(keys, 20) if hasattr(itertools, "batched") else [keys]:
        results = await asyncio.gather(*(merge_patient(key, hospitals) for key in batch))
        done += sum(1 for result in results if result)
    return done
