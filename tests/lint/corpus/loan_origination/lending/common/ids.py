"""Identifiers used across lending.

``application_number`` is what the customer sees on the letter, ``correlation_id``
what ends up in the logs of every service that touches the application.
"""
from __future__ import annotations

import hashlib
import itertools
import os
import uuid

NAMESPACE_LENDING = uuid.UUID("7b0c3d52-4d0f-4c58-9d3c-0a4b2e9f8a11")
_PROCESS_TAG = f"{os.getpid():05d}"
_sequence = itertools.count(1)


def correlation_id(prefix: str = "ln") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"  # expect: DUR112


def application_number(branch: str, customer_no: str) -> str:
    """Check digit over a stable digest: the same customer gets the same number."""
    digest = hashlib.sha256(f"{branch}/{customer_no}".encode()).hexdigest()
    body = f"{branch.upper()}{int(digest[:8], 16) % 10**9:09d}"
    return body + str(sum(int(c) for c in body if c.isdigit()) % 10)


def offer_reference(application_no: str, term_months: int) -> str:
    return str(uuid.uuid5(NAMESPACE_LENDING, f"{application_no}:{term_months}"))


def trace_line(application_no: str) -> str:
    return "/".join(
        [
            _PROCESS_TAG,  # expect: DUR125
            application_no,
            str(next(_sequence)),  # expect: DUR141
        ]
    )
