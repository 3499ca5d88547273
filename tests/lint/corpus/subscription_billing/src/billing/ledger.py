"""Activities of the billing service."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import durable_async as da
import requests

from billing.invoices import Invoice

PROCESSOR = "https://processor.internal/v2"
_plans: dict[str, dict[str, Any]] = {}


@da.activity(timeout=timedelta(seconds=20))
def load_plan(plan_id: str) -> dict[str, Any]:
    if plan_id not in _plans:
        _plans[plan_id] = requests.get(f"{PROCESSOR}/plans/{plan_id}", timeout=5).json()
    return _plans[plan_id]


@da.activity(retry=da.RetryPolicy(max_attempts=4))
def charge_card(customer_id: str, cents: int) -> bool:
    key = da.activity_info().idempotency_key
    answer = requests.post(
        f"{PROCESSOR}/charges",
        json={"customer": customer_id, "cents": cents},
        headers={"Idempotency-Key": key},
        timeout=15,
    )
    return answer.status_code == 201


@da.activity
def record_invoice(invoice: Invoice) -> None:
    with closing(sqlite3.connect("ledger.db")) as connection, connection:
        connection.execute(
            "insert into invoices values (?, ?, ?, ?)",
            (invoice.number, invoice.customer_id, invoice.total_cents, time.time()),
        )


@da.activity
def suspend_account(customer_id: str) -> None:
    requests.post(f"{PROCESSOR}/customers/{customer_id}/suspend", timeout=5).raise_for_status()


@da.activity
def email_customer(customer_id: str, template: str) -> None:
    requests.post(f"{PROCESSOR}/mail", json={"to": customer_id, "template": template}, timeout=5)
