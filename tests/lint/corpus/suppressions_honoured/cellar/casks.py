"""Findings that the team has looked at and accepted."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path


def measured(name: str) -> float:
    return time.perf_counter()  # durable: ignore[DUR101] only shown in a debug header, never decides


def labelled(name: str) -> str:
    host = os.environ.get("CELLAR", "")  # durable: ignore[DUR124] the same on every worker by construction
    return f"{host}{uuid.uuid4()}"  # noqa: DUR112


def present(name: str) -> bool:
    return Path(name).exists()  # durable: ignore[DUR122] on a volume that never changes
