from __future__ import annotations

import asyncio
import typing as t
from datetime import timedelta

import httpx

import durable_async as da
from kyc import checks
from kyc.backoffice import archive, fetch_documents, open_ticket
from kyc.checks.sanctions import screen_offline
from kyc.clock import today, years
from kyc.models import Application, Document, Finding, Risk, Verdict

if t.TYPE_CHECKING:
    from collections.abc import Sequence

log = da.get_logger(__name__)
VALIDITY = {Risk.LOW: years(5), Risk.MEDIUM: years(1), Risk.HIGH: timedelta(0)}


def _rules(documents: Sequence[Document], application: Application) -> list[Finding]:
    return [checks.assess(document, application) for document in documents]


async def _by_hand(application: Application, findings: list[Finding]) -> Risk:
    reasons = {finding.check for finding in findings if finding.risk is not Risk.LOW}
    ticket = await open_ticket(f"{application.id}: {', '.join(sorted(reasons))}")
    try:
        async with asyncio.timeout(5 * 86_400):
            decision = await da.wait_for_event(f"decision-{ticket}", str)
    except TimeoutError:
        return Risk.HIGH
    return Risk[decision.upper()]


@da.orchestrator
async def onboard(application: Application, region: str = "eu") -> Verdict:
    documents, sanction = await asyncio.gather(
        fetch_documents(application.id), checks.screen(application, region)
    )
    findings = [sanction, *_rules(documents, application)]
    risk = checks.combine(findings)
    if checks.severity_of(risk) >= 5:
        risk = await _by_hand(application, findings)
    verdict = Verdict(
        application=application.id, risk=risk, findings=findings, valid_until=today() + VALIDITY[risk]
    )
    await archive(verdict)
    return verdict


@da.orchestrator
async def re_verify(application: Application, client: httpx.AsyncClient) -> Verdict | None:  # expect: DUR152
    reply = await client.get(f"https://registry.example.org/{application.id}")  # expect: DUR121
    if reply.status_code == 404:
        return None
    await da.sleep(timedelta(hours=1))
    return await onboard(application)


@da.orchestrator
async def screen_batch(applications: list[Application], region: str) -> dict[str, int]:
    hits = await asyncio.gather(*(screen_offline(item, region) for item in applications))
    total = {application.id: len(names) for application, names in zip(applications, hits, strict=True)}
    for name in [name for names in hits for name in names][:10]:
        log.info("hit %s", name)
    pending = archive_summary(region, total)  # expect: DUR133
    return total


async def archive_summary(region: str, total: dict[str, int]) -> None:
    await open_ticket(f"{region}: {sum(total.values())} hits in {len(total)} applications")
