"""Tools that talk to the CRM; activities, so the agent may be killed at any time."""

from __future__ import annotations

import os
import uuid
from functools import lru_cache
from typing import Any

import durable_async as da

from .registry import tool


@lru_cache(maxsize=1)
def _session() -> Any:
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {os.environ['CRM_TOKEN']}"
    return session


@tool("customer", "crm")
@da.activity(retry=da.RetryPolicy(max_attempts=3))
def customer(email: str) -> dict[str, Any]:
    """The customer's record."""
    return _session().get(f"https://crm.internal/customers/{email}", timeout=10).json()


@tool("refund", "crm", "money")
@da.activity(on_lost="fail")
def refund(order: str, cents: int) -> str:
    """Gives money back. Ask a human above 100 EUR."""
    key = da.activity_info().idempotency_key or uuid.uuid4().hex
    reply = _session().post("https://crm.internal/refunds", json={"order": order, "cents": cents, "key": key})
    return reply.json()["id"]


@da.activity
def set_labels(ticket: str, labels: list[str]) -> None:
    _session().put(f"https://crm.internal/tickets/{ticket}/labels", json=labels)


@da.activity
def reply_to(ticket: str, text: str) -> None:
    _session().post(f"https://crm.internal/tickets/{ticket}/replies", json={"text": text})
