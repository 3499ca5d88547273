"""A thin client of the FHIR store: used by activities, and by the nightly console."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter


class FhirError(requests.RequestException):
    """What the store refused."""


class FhirStore:
    def __init__(self, base: str | None = None) -> None:
        self.base = base or os.environ["FHIR_BASE"]  # expect: DUR124
        self.session = requests.Session()
        self.session.mount("https://", HTTPAdapter(max_retries=3))

    def read(self, kind: str, key: str) -> dict[str, Any]:
        answer = self.session.get(f"{self.base}/{kind}/{key}", timeout=20)  # expect: DUR121
        if answer.status_code == 404:
            raise FhirError(f"no {kind} {key}")
        return answer.json()

    def write(self, kind: str, body: dict[str, Any]) -> str:
        answer = self.session.post(f"{self.base}/{kind}", json=body, timeout=20)
        return answer.json()["id"]

    def reachable(self) -> bool:
        try:
            with socket.create_connection((self.base, 443), timeout=2):
                return True
        except (OSError, ssl.SSLError):
            return False
