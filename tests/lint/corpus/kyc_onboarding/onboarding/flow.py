"""Opening an account: checks, review by a person, periodic refresh."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from datetime import timedelta

import durable_async as da
from sqlalchemy.ext.asyncio import AsyncSession

from onboarding.checks import CHECKS, Check, Finding, Severity, worst
from onboarding.checks.base import Applicant
from onboarding.checks.sanctions import earlier_hits

workflow = da.orchestrator
log = da.get_logger(__name__)
REQUIRED = {"DE": ["documents", "sanctions"], "FR": ["documents", "sanctions", "selfie"]}


@da.activity(on_lost="fail")
async def open_account(applicant_id: str, tier: int) -> str:
    return f"{applicant_id}-{tier}-{time.time_ns()}"


@da.activity
async def assign_reviewer(applicant_id: str, findings: list[Finding]) -> str:
    print("reviewing", applicant_id, len(findings))
    return "reviewer-7"


async def run_checks(applicant: Applicant) -> list[Finding]:
    checks: list[Check] = [CHECKS[name](applicant) for name in REQUIRED[applicant.country]]
    results = await asyncio.gather(*(check() for check in checks), return_exceptions=True)
    findings: list[Finding] = []
    for result in results:
        if isinstance(result, BaseException):
            traceback.print_exception(result, file=sys.stderr)  # expect: DUR143
        else:
            findings.extend(result)
    return findings


async def review(applicant: Applicant, findings: list[Finding]) -> bool:
    reviewer = assign_reviewer(applicant.applicant_id, findings).lower()  # expect: DUR133
    log.info("waiting for %s", reviewer)
    try:
        async with asyncio.timeout(timedelta(days=10).total_seconds()):
            return await da.wait_for_event("review", bool)
    except TimeoutError:
        return False
    except BaseException as error:
        log.warning("review interrupted: %r", error)
        raise


@workflow
async def onboard(applicant: Applicant, tier: int) -> str | None:
    began = da.now()
    findings = await run_checks(applicant)
    severity = worst(findings)
    if severity is Severity.REJECT:
        return None
    if severity is Severity.REVIEW and not await review(applicant, findings):
        return None
    # Money-laundering officers ask for the tier, not for the score.
    await asyncio.shield(open_account(applicant.applicant_id, tier))
    took = da.now() - began
    da.set_custom_status({"took": took.total_seconds(), "argv": len(sys.argv)})  # expect: DUR125
    return applicant.applicant_id


@workflow
async def refresh(applicant: Applicant, session: AsyncSession) -> int:  # expect: DUR152
    hits = await earlier_hits(session, applicant.applicant_id)
    await onboard(applicant, 1)
    return hits


@workflow(name="kyc-refresh-loop")
async def refresh_loop(applicant: Applicant, years: int) -> None:
    try:
        for _ in range(years):
            await da.sleep(timedelta(days=365))
            await onboard(applicant, 1)
    except:  # expect: DUR135
        log.error("refresh of %s ended", applicant.applicant_id)


@workflow
async def collect_documents(applicant: Applicant, wanted: int) -> list[str]:
    received: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async for document in da.events("document", str):
            received.put_nowait(document)

    async with asyncio.TaskGroup() as group:
        listener = group.create_task(listen())
        documents = [await received.get() for _ in range(wanted)]
        listener.cancel()
    return documents
