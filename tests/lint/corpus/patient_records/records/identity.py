"""Matching of patients over hospitals: names, births, and pseudonyms."""

import hashlib
import locale
import platform
import secrets
import unicodedata
import uuid
from dataclasses import dataclass

NAMESPACE = uuid.UUID("6d0b7a1e-3f1c-4a9e-9a53-0c62d7a4d3f0")


@dataclass(frozen=True)
class Patient:
    family: str
    given: str
    born: str

    def key(self) -> str:
        return f"{fold(self.family)}|{fold(self.given)}|{self.born}"

    def bucket(self) -> int:
        return hash(self.key()) % 64  # expect: DUR125

    def stable_bucket(self) -> int:
        digest = hashlib.sha256(self.key().encode()).digest()
        return int.from_bytes(digest[:4], "big") % 64


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def pseudonym(patient: Patient) -> str:
    return str(uuid.uuid5(NAMESPACE, patient.key()))


def one_time_pseudonym() -> str:
    return f"tmp-{uuid.uuid4()}"  # expect: DUR112


def salt() -> bytes:
    return secrets.token_bytes(16)  # expect: DUR111


def decimal_point() -> str:
    return locale.localeconv()["decimal_point"]  # expect: DUR125


def build_tag() -> str:
    return platform.node()
