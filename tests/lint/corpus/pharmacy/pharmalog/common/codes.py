"""Codes on boxes: GS1, batches and serial numbers."""

from __future__ import annotations

import itertools
import os
import secrets
import uuid

from ulid import ULID

_sequence = itertools.count(1)
PREFIX = os.environ.get("GS1_PREFIX", "4012345")
ISSUED: list[str] = []


def gs1_check_digit(digits: str) -> int:
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return -total % 10


def serial() -> str:
    value = secrets.token_hex(8)  # expect: DUR111
    ISSUED.append(value)  # expect: DUR141
    return f"{PREFIX}{value}{len(ISSUED):04d}"  # expect: DUR141


def batch_code(site: str) -> str:
    return f"{site}-{ULID()}"  # expect: DUR112


def pallet_label(site: str) -> str:
    return f"{site}-{uuid.getnode():x}-{os.urandom(2).hex()}"  # expect: DUR111, DUR112


def parse_label(label: str) -> tuple[str, uuid.UUID]:
    site, _, rest = label.partition("-")
    return site, uuid.uuid5(uuid.NAMESPACE_OID, rest)


def reprint_all() -> list[str]:
    """Used by the label printer's own service."""
    return [f"{next(_sequence)}:{uuid.uuid4()}" for _ in ISSUED]
