"""Behaviour of the subscription cycle on the virtual clock."""

import datetime as dt
import random
import uuid

import pytest
from durable_async import testing

from billing import ledger
from billing.cycles import change_plan, collect, run_subscription
from billing.invoices import InvoiceBuilder

random.seed(20)


def fake_plan(plan_id):
    return {"trial_days": 0, "price_cents": random.choice([990, 1990]), "unit_cents": {}}


@pytest.fixture
def customer_id():
    return f"c-{uuid.uuid4()}"


async def test_charges_once_a_month(customer_id):
    async with testing.environment([run_subscription, ledger]) as env:
        env.replace(ledger.load_plan, fake_plan)
        env.replace(ledger.charge_card, lambda customer, cents: True)
        handle = await env.client.start(run_subscription(customer_id, "basic", 0))
        await env.advance(dt.timedelta(days=61))
        await handle.raise_event("cancelled")
        assert await handle.result() == "cancelled"


async def test_plan_change_costs_the_difference(customer_id):
    async with testing.environment([change_plan, ledger]) as env:
        env.replace(ledger.load_plan, fake_plan)
        handle = await env.client.start(change_plan(customer_id, "a", "b", dt.datetime.now(dt.UTC)))
        assert await handle.result() >= 0


async def test_collect_gives_up(monkeypatch, customer_id):
    invoice = InvoiceBuilder(customer_id, "EUR").line("base", 100).build()
    monkeypatch.setattr("billing.cycles.charge_card", lambda *a: _declined())
    assert await collect(customer_id, invoice) is False


async def _declined():
    return False
