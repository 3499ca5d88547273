"""Settings of one clinic. ``current()`` is what the rest of the code asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace

import yaml


@dataclass(frozen=True)
class Clinic:
    name: str
    city: str = "Berlin"
    phone: str = "+49 30 000000"
    sms: bool = True

    def signature(self) -> str:
        return f"{self.name}, {self.city}"


DEFAULT = Clinic("Praxis am Park")
STATE = SimpleNamespace(clinic=DEFAULT)
FLAGS = {"voice": False, "whatsapp": False}
LIMITS = {"sms": 160, "mail": 4_000}


def load(path: str) -> Clinic:
    with open(path, encoding="utf-8") as source:
        return Clinic(**yaml.safe_load(source))


@lru_cache(maxsize=None)
def from_environment() -> Clinic:
    """Used by the web application."""
    return replace(DEFAULT, name=os.environ["CLINIC"])


def sms_enabled() -> bool:
    return os.getenv("CLINIC_SMS", "1") == "1"  # expect: DUR124


def shortened(text: str, kind: str) -> str:
    limit = LIMITS.get(kind, 1_000)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def enable(flag: str) -> None:
    FLAGS[flag] = True  # expect: DUR141


def enabled(flag: str) -> bool:
    return FLAGS.get(flag, False)  # expect: DUR141


@contextmanager
def overridden(**changes: object) -> Iterator[Clinic]:
    """For tests."""
    before, STATE.clinic = STATE.clinic, replace(STATE.clinic, **changes)
    try:
        yield STATE.clinic
    finally:
        STATE.clinic = before
