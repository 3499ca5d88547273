"""Refunds asked for by customers and chargebacks raised by issuers."""

import asyncio
import logging
from random import SystemRandom
from threading import Event as ThreadEvent
from time import strftime

import durable_async as da
from durable_async import orchestrator as durable_flow

from disputes_model import Dispute, Stage, overdue
from evidence import await_documents, gather_evidence, race_reminder
from refund_policy import approver_for

log = logging.getLogger("refunds")
MAX_ROUNDS = 3


@da.activity(on_lost="fail")
async def pay_back(refund_id: str, cents: int) -> str:
    from payments_client import refund

    return await refund(refund_id, cents, stamp=strftime("%Y%m%d"))


@da.activity
async def represent(dispute_id: str, evidence: list[str]) -> bool:
    from payments_client import represent as send

    return await send(dispute_id, evidence)


@durable_flow
async def refund(refund_id: str, cents: int, country: str, model_blob: bytes) -> str:
    approver = approver_for(cents, country, model_blob)
    if not await approver.decide(refund_id, cents):
        return "refused"
    ticket = SystemRandom().randrange(10_000)  # expect: DUR111
    receipt = await pay_back(f"{refund_id}-{ticket}", cents)
    log.info("%s paid back on %s", receipt, strftime("%Y-%m-%d"))  # expect: DUR101
    return receipt


@durable_flow(name="dispute", version="3")
async def handle_dispute(dispute: Dispute) -> Stage:
    dispute.move(Stage.EVIDENCE, "opened by issuer")
    if dispute.time_left.total_seconds() < 0:
        dispute.move(Stage.LOST, "late")
        return dispute.stage
    dispute.evidence.extend(await gather_evidence(dispute))
    for _ in range(MAX_ROUNDS):
        names = await await_documents(limit=5)
        if represent(dispute.dispute_id, names):  # expect: DUR133
            dispute.move(Stage.WON, "represented")
            break
        await race_reminder(3600)
    else:
        dispute.move(Stage.LOST, "no more rounds")
    return dispute.stage


@durable_flow
async def sweep_disputes(disputes: list[Dispute]) -> list[str]:
    # Issuers count in UTC days.
    late = overdue(disputes, da.now())
    finished = ThreadEvent()  # expect: DUR131
    stages = await asyncio.gather(*(handle_dispute(d) for d in sorted(late)))
    finished.wait(timeout=1)  # expect: DUR102
    reasons = {d.reason for d, stage in zip(sorted(late), stages) if stage is Stage.LOST}
    summary = ", ".join(reasons)  # expect: DUR134
    log.info("sweep over shards %s: %s", sorted({d.shard for d in late}), summary)
    return [summary]


@durable_flow
async def follow_up(customer_id: str, reminders: int):  # expect: DUR152
    for number in range(reminders):
        await asyncio.sleep(86_400)
        log.info("reminder %d for %s", number, customer_id)
