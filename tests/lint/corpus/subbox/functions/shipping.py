from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df

CARRIERS = ("post", "bike")


def parcel(context: df.DurableOrchestrationContext, member: str) -> Generator[Any, Any, str]:
    """Sub-generator: used by `yield from`."""
    label = yield context.call_activity("print_label", member)
    if not label:
        subprocess.call(["lp", member])  # expect: DUR123
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=2))
    return f"{label}-{carrier()}"


def carrier() -> str:
    return os.getenv("CARRIER") or CARRIERS[0]  # expect: DUR124


def due(context: df.DurableOrchestrationContext) -> datetime:
    return context.current_utc_datetime + timedelta(days=30)


def due_locally() -> datetime:
    return datetime.now() + timedelta(days=30)  # expect: DUR101


def backoff(attempt: int) -> float:
    time.sleep(2**attempt)  # expect: DUR102
    return 2.0**attempt


def tracked(numbers: set[str]) -> list[str]:
    known = set(numbers)
    out = []
    while known:
        out.append(known.pop())  # expect: DUR134
    return out


def tracked_in_order(numbers: set[str]) -> list[str]:
    out = [number for number in numbers]
    out.sort()
    return out


def where_from() -> str:
    return os.path.join(os.sep, "srv", os.path.basename(__file__))
