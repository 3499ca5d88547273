"""Patient records; what leaves the house is pseudonymous."""

import hashlib
import json
import os
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shortuuid

import durable_async as da

SALT = os.environ.get("PSEUDONYM_SALT", "").encode()
_consents: dict[str, bool] = {}
_write_lock = threading.Lock()


@dataclass
class Patient:
    mrn: str
    email: str
    language: str = "en"

    @property
    def pseudonym(self) -> str:
        return hashlib.sha256(SALT + self.mrn.encode()).hexdigest()[:16]


class Consent:
    """Consent is kept beside the record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def given(self, patient: Patient) -> bool:
        if patient.mrn in _consents:  # expect: DUR141
            return _consents[patient.mrn]  # expect: DUR141
        file = self.folder.joinpath(patient.pseudonym).with_suffix(".json")
        granted = file.exists() and json.loads(file.read_bytes())["granted"]  # expect: DUR122
        _consents[patient.mrn] = granted  # expect: DUR141
        return granted

    def record(self, patient: Patient, granted: bool) -> None:
        with _write_lock:
            (self.folder / f"{patient.pseudonym}.json").write_text(json.dumps({"granted": granted}))


def referral_number(patient: Patient, slot_key: str = "") -> str:
    if slot_key:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, patient.mrn + slot_key))
    return shortuuid.uuid()  # expect: DUR112


@da.activity
async def load_patient(mrn: str) -> Patient:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://ehr.local/Patient/{mrn}") as reply:
            record: dict[str, Any] = await reply.json()
    return Patient(mrn, record["telecom"], record.get("language", "en"))


@da.activity
def remind(email: str, text: str) -> None:
    import smtplib

    with smtplib.SMTP("mail.local") as server:
        server.sendmail("clinic@example.org", [email], text)
