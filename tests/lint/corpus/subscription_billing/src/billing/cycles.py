"""The life of a subscription: trial, monthly cycles, dunning, cancellation."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta

import durable_async as da

from billing.invoices import Invoice, InvoiceBuilder
from billing.ledger import charge_card, email_customer, load_plan, record_invoice, suspend_account
from billing.proration import prorate, round_to_cents
from billing.usage import UsageMeter

GRACE = timedelta(days=14)
DUNNING_STEPS = (1, 3, 5, 7)
DEFAULT_CURRENCY = os.environ.get("BILLING_CURRENCY", "EUR")


@da.orchestrator(name="subscription", version="2")
async def run_subscription(customer_id: str, plan_id: str, cycle: int) -> str:
    plan = await load_plan(plan_id)
    if cycle == 0 and plan["trial_days"]:
        await asyncio.sleep(timedelta(days=plan["trial_days"]).total_seconds())
    opened = datetime.utcnow()  # expect: DUR101
    meter = da.entity_ref(UsageMeter, customer_id)
    usage = await meter.call(UsageMeter.drain)
    builder = InvoiceBuilder(customer_id, DEFAULT_CURRENCY)
    builder.line("base fee", plan["price_cents"])
    for name, quantity in sorted(usage.items()):
        builder.line(name, quantity * plan["unit_cents"].get(name, 0))
    invoice = builder.build()
    record_invoice(invoice)  # expect: DUR133
    # Invoices under one euro are carried over by the ledger.
    paid = await collect(customer_id, invoice)
    if not paid:
        await suspend_account(customer_id)
        return "suspended"
    da.set_custom_status({"cycle": cycle, "opened": opened.isoformat()})
    try:
        async with asyncio.timeout(timedelta(days=30).total_seconds()):
            await da.wait_for_event("cancelled")
            return "cancelled"
    except TimeoutError:
        da.continue_as_new(run_subscription(customer_id, plan_id, cycle + 1))


async def collect(customer_id: str, invoice: Invoice) -> bool:
    for days in DUNNING_STEPS:
        if await charge_card(customer_id, invoice.total_cents):
            return True
        await email_customer(customer_id, "payment-failed")
        asyncio.sleep(days * 86_400)  # expect: DUR133
    return False


@da.orchestrator
async def change_plan(customer_id: str, old_plan: str, new_plan: str, at: datetime) -> int:
    before, after = await asyncio.gather(load_plan(old_plan), load_plan(new_plan))
    difference = prorate(before["price_cents"], after["price_cents"], at)
    if charge_card(customer_id, round_to_cents(difference)):  # expect: DUR133
        await email_customer(customer_id, "plan-changed")
    return round_to_cents(difference)


@da.orchestrator
async def watch_credit(customer_id: str) -> None:
    """Tops up prepaid credit for as long as the customer exists."""
    while True:  # expect: DUR151
        request = await da.wait_for_event("credit-low", dict)
        await charge_card(customer_id, request["cents"])


@da.orchestrator
async def watch_spending_cap(customer_id: str, cap_cents: int, spent: int) -> None:
    seen = 0
    # A few hundred events are a day of a busy account.
    while True:
        spent += await da.wait_for_event("spend", int)
        seen += 1
        if spent >= cap_cents:
            await email_customer(customer_id, "cap-reached")
            spent = 0
        if seen == 500:
            da.continue_as_new(watch_spending_cap(customer_id, cap_cents, spent))


@da.orchestrator
async def refund_cycle(customer_id: str, invoice_ids: list[str], notify) -> int:  # expect: DUR152
    refunded = 0
    for invoice_id in dict.fromkeys(invoice_ids):
        refunded += int(await charge_card(customer_id, -1))
        da.get_logger(__name__).info("refunded %s", invoice_id)
    return refunded
