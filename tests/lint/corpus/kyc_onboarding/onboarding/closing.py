"""Closing accounts and answering data-protection requests."""

from __future__ import annotations

import asyncio
import json
import os
import shelve
import threading
import time
from contextlib import asynccontextmanager
from tempfile import gettempdir
from uuid import UUID, uuid4

import durable_async as da

from onboarding.checks.base import Applicant

log = da.get_logger(__name__)
RETENTION_YEARS = int(os.environ.get("KYC_RETENTION_YEARS", "5"))


class ClosingError(Exception):
    pass


@da.activity
def erase(applicant_id: str, system: str) -> int:
    with shelve.open(os.path.join(gettempdir(), system)) as shelf:
        return 1 if shelf.pop(applicant_id, None) else 0


@da.activity
async def export(applicant_id: str) -> str:
    await asyncio.sleep(0.1)
    return json.dumps({"id": applicant_id, "export": str(uuid4()), "at": time.time()})


@asynccontextmanager
async def frozen(applicant_id: str):
    ref = f"freeze-{applicant_id}"
    async with da.lock(ref):
        log.info("%s frozen by %d", applicant_id, os.getpid())  # expect: DUR125
        yield ref


@da.orchestrator
async def close_account(applicant: Applicant, systems: set[str]) -> dict[str, int]:
    request_id: UUID = uuid4()  # expect: DUR112
    erased: dict[str, int] = {}
    async with frozen(applicant.applicant_id):
        waiting = [erase(applicant.applicant_id, system) for system in sorted(systems)]
        for system, count in zip(systems, await asyncio.gather(*waiting)):  # expect: DUR134
            erased[system] = count
    if os.path.exists(f"/var/kyc/{applicant.applicant_id}"):  # expect: DUR122
        raise ClosingError(f"{request_id}: files left")
    return erased


@da.orchestrator
async def subject_access(applicant_id: str) -> str:
    started = time.monotonic_ns()  # expect: DUR101
    if export(applicant_id) is None:  # expect: DUR133
        return ""
    document = await export(applicant_id)
    took = time.monotonic_ns() - started  # expect: DUR101
    reporter = threading.Thread(target=log.info, args=("export took %d ns", took))  # expect: DUR131
    reporter.start()
    return document


@da.orchestrator
async def retention_end(applicant_id: str, years: int) -> bool:
    os.putenv("KYC_PHASE", "retention")  # expect: DUR124
    await asyncio.sleep(years * 365 * 86_400)
    try:
        await erase(applicant_id, "core")
    except asyncio.CancelledError as cancelled:
        log.warning("cancelled: %s", cancelled)
        raise
    input("Press return to finish")  # expect: DUR102
    return True
