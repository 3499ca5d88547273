"""Authorise, capture and settle card payments."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import durable_async as da

from acquiring.activities import CardDeclined, authorise, capture, notify_merchant, void
from acquiring.durable import get_logger, wait_for_event, workflow
from acquiring.fraud import RiskEngine, score_band
from acquiring.gateways import Gateway, gateway_for

if TYPE_CHECKING:
    from random import Random

log = logging.getLogger(__name__)
durable_log = get_logger("acquiring.flows")

LOADED_AT = time.time()
CAPTURE_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class PaymentOutcome:
    reference: str
    status: str
    capture_ids: list[str]


@workflow
async def authorise_and_capture(
    merchant_id: str, order_id: str, token: str, amount_minor: int, country: str
) -> PaymentOutcome:
    gateway = gateway_for(token[:6])
    reference = gateway.reference(merchant_id, order_id)
    began = time.monotonic()  # expect: DUR101
    report = RiskEngine(region="EU").assess(token[:6], country, amount_minor)
    if score_band(report.score) == "review":
        if not await wait_for_event("review-decision", bool):
            return PaymentOutcome(reference, "rejected", [])
    try:
        authorisation_id = await authorise(token, amount_minor, "EUR")
    except CardDeclined as declined:
        log.info("declined %s: %s", reference, declined.code)
        return PaymentOutcome(reference, f"declined:{declined.code}", [])
    durable_log.info("authorised after %.1fs", time.monotonic() - began)  # expect: DUR101
    try:
        async with asyncio.timeout(CAPTURE_WINDOW.total_seconds()):
            shipped = await wait_for_event("shipped", list[int])
    except TimeoutError:
        await void(authorisation_id)
        return PaymentOutcome(reference, "voided", [])
    # Partial shipments are captured one by one, in the order they left the warehouse.
    captures = [await capture(authorisation_id, part) for part in shipped]
    notify_merchant(merchant_id, "captured", {"reference": reference})  # expect: DUR133
    return PaymentOutcome(reference, "captured", captures)


async def settle_merchant(merchant_id: str, gateway: Gateway, totals: dict[str, int]) -> int:
    gross = totals[merchant_id]
    fee = gateway.fee(gross)
    await notify_merchant(merchant_id, "settled", {"day": gateway.settlement_day(), "net": str(gross - fee)})
    return gross - fee


def jitter(rng: Random, upper: float) -> float:
    return rng.uniform(0, upper)


@workflow
async def settle_batch(scheme_prefix: str, totals: dict[str, int], excluded: list[str]) -> dict[str, int]:
    gateway = gateway_for(scheme_prefix)
    while not gateway.cut_off_passed(18):
        await asyncio.sleep(900)
    pending = set(totals) - set(excluded)
    # Later: pay out instant-settlement merchants first.
    settled: dict[str, int] = {}
    for merchant_id in pending:  # expect: DUR134
        settled[merchant_id] = await settle_merchant(merchant_id, gateway, totals)
        await asyncio.sleep(jitter(da.random("settlement"), 2.0))
    for merchant_id in sorted(pending):
        log.debug("settled %s: %d", merchant_id, settled[merchant_id])
    try:
        await asyncio.wait_for(wait_for_event("ledger-closed"), 3600)
    except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
        log.warning("ledger still open, %d merchants", len(pending))
    return settled
