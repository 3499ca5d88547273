"""Activities against the credit bureaus and the core banking system."""
from __future__ import annotations

import os
import uuid
from datetime import datetime, timezone

import durable_async as da
import httpx

from ..common.timing import Budget, again, stopwatch
from .scoring import Applicant

BUREAU_URL = os.environ.get("BUREAU_URL", "https://bureau.test")


@again(times=5, pause=1.0)
def _token() -> str:
    reply = httpx.post(f"{BUREAU_URL}/oauth/token", data={"scope": "score"})
    reply.raise_for_status()
    return reply.json()["access_token"]


@da.activity(retry=da.RetryPolicy(max_attempts=5), timeout=30)
def bureau_report(bureau: str, customer_no: str) -> dict[str, int]:
    budget = Budget(25)
    with stopwatch(f"bureau {bureau}"):
        reply = httpx.get(
            f"{BUREAU_URL}/{bureau}/{customer_no}",
            headers={"Authorization": f"Bearer {_token()}", "X-Request": str(uuid.uuid4())},
            timeout=budget.left,
        )
    reply.raise_for_status()
    return reply.json()


@da.activity
async def load_applicant(customer_no: str) -> Applicant:
    async with httpx.AsyncClient() as http:
        data = (await http.get(f"{os.environ['CRM_URL']}/customers/{customer_no}")).json()
    return Applicant(customer_no, data["income"], data["tenure"], flags=set(data["flags"]))


@da.activity(on_lost="fail")
async def book_loan(application_no: str, cents: int, months: int) -> str:
    stamp = datetime.now(timezone.utc).strftime("%Y%m%d%H%M%S")
    async with httpx.AsyncClient() as http:
        reply = await http.post(
            f"{os.environ['CORE_URL']}/loans",
            json={"no": application_no, "cents": cents, "months": months, "stamp": stamp},
        )
    return reply.json()["account"]


@da.activity
async def send_letter(customer_no: str, kind: str, lines: list[str]) -> None:
    async with httpx.AsyncClient() as http:
        await http.post(f"{os.environ['PRINT_URL']}/{kind}", json={"to": customer_no, "lines": lines})
