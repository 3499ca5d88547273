"""Authorising a card payment."""

import asyncio
import logging
from datetime import timedelta
from decimal import Decimal

import durable_async as da

from .gateways.network import Network, notify
from .models import Authorization, Decision, Tier
from .risk import policy_for, risk_score

log = logging.getLogger(__name__)

_BLOCK_AT = 0.9


@da.orchestrator
async def authorise(authorization: Authorization, tier: Tier, spent: Decimal) -> Decision:
    request = authorization.rounded()
    policy = policy_for(tier)
    reasons = list(policy.explain(request))
    if request.amount > policy.ceiling(spent):
        log.info("over the limit of %s", policy.name)
        return Decision(request, approved=False, reasons=reasons + ["limit"])

    recent = await Network.recent_merchants(request.card_id)
    if (risk := risk_score(request, recent)) > _BLOCK_AT:
        await notify(request.key, f"blocked with {risk}")
        return Decision(request, approved=False, reasons=["risk"])

    decision = Decision(request, approved=True, reasons=reasons)
    Network.capture(request)  # expect: DUR133
    await notify(decision.reference, "approved")
    return decision


@da.orchestrator(name="card.dispute")
async def dispute(authorization: Authorization, evidence: list[str]) -> str:
    tags = {line.split(":")[0] for line in evidence}
    for tag in sorted(tags):
        await notify(authorization.key, tag)
    for tag in tags:  # expect: DUR134
        await notify(authorization.key, f"again {tag}")
    try:
        async with asyncio.timeout(timedelta(days=30).total_seconds()):
            verdict = await da.wait_for_event("verdict", str)
    except TimeoutError:
        verdict = "expired"
    except:  # expect: DUR135
        log.exception("no verdict")
        verdict = "failed"
    return verdict
