"""The claim itself."""

import asyncio
from datetime import date, timedelta

import durable_async as da

from .rules import objections
from .schemas import LossReport, Note, Policy, Reserve


@da.activity
async def load_policy(number: str) -> Policy:
    return Policy(number, date(2024, 1, 1), date.today() + timedelta(days=30))


@da.activity
async def save_reserve(reserve: Reserve) -> None:
    print("reserve", reserve.reference)


@da.activity
async def save_note(claim_id: str, note: Note) -> None: ...


@da.activity
async def notify(party: str, text: str) -> None: ...


def parties(report: LossReport, policy: Policy) -> set[str]:
    return {report.policy_number, policy.number, "desk", *report.photos[:1]}


@da.orchestrator
async def handle_loss(report: LossReport) -> Reserve | None:
    policy = await load_policy(report.policy_number)
    against = objections(report, policy)
    if against:
        await save_note(report.claim_id, Note("; ".join(against)))
        for party in parties(report, policy):  # expect: DUR134
            await notify(party, "claim rejected")
        return None
    reserve = Reserve(report.claim_id, 120_000, policy.excess_cents)
    save_reserve(reserve)  # expect: DUR133
    try:
        async with asyncio.timeout(timedelta(days=14).total_seconds()):
            await da.wait_for_event("adjuster_visit", str)
    except TimeoutError:
        await notify("desk", f"no visit for {reserve.net_cents}")
    except BaseException:  # expect: DUR135
        await save_note(report.claim_id, Note("visit abandoned"))
    return reserve


@da.orchestrator
async def reopen_claim(claim_id: str, reason) -> None:  # expect: DUR152
    await save_note(claim_id, Note(f"reopened: {reason}"))
    while True:  # expect: DUR151
        answer = await da.wait_for_event("reply", str)
        await save_note(claim_id, Note(answer, author="claimant"))
