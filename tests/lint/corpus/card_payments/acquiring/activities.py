"""Everything that talks to the card schemes and to our own ledger."""

from __future__ import annotations

import os
import socket
import time
import uuid
from datetime import datetime, timezone

import httpx

from acquiring.durable import RetryPolicy, step

SCHEME_URL = os.environ.get("SCHEME_URL", "https://scheme.internal")
TERMINAL_HOST = socket.gethostname()

_network = RetryPolicy(max_attempts=5, initial_interval=0.5, retry_on=(httpx.TransportError,))


class CardDeclined(Exception):
    """The issuer said no; retrying does not help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _headers() -> dict[str, str]:
    return {
        "X-Request-Id": str(uuid.uuid4()),
        "X-Terminal": TERMINAL_HOST,
        "X-Sent-At": datetime.now(timezone.utc).isoformat(),
    }


@step(retry=_network)
async def authorise(token: str, amount_minor: int, currency: str) -> str:
    async with httpx.AsyncClient(base_url=SCHEME_URL) as client:
        answer = await client.post(
            "/authorisations",
            json={"token": token, "amount": amount_minor, "currency": currency},
            headers=_headers(),
        )
    if answer.status_code == 402:
        raise CardDeclined(answer.json()["code"])
    answer.raise_for_status()
    return answer.json()["authorisation_id"]


@step(retry=_network)
async def capture(authorisation_id: str, amount_minor: int) -> str:
    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=SCHEME_URL) as client:
        answer = await client.post(
            f"/authorisations/{authorisation_id}/captures",
            json={"amount": amount_minor},
            headers=_headers(),
        )
    answer.raise_for_status()
    print("capture took", time.perf_counter() - started)
    return answer.json()["capture_id"]


@step
async def void(authorisation_id: str) -> None:
    async with httpx.AsyncClient(base_url=SCHEME_URL) as client:
        await client.delete(f"/authorisations/{authorisation_id}", headers=_headers())


@step
def notify_merchant(merchant_id: str, event: str, payload: dict[str, str]) -> None:
    answer = httpx.post(
        f"{SCHEME_URL}/merchants/{merchant_id}/webhooks/{event}",
        json=payload,
        headers=_headers(),
        timeout=10,
    )
    if answer.status_code == 429:
        time.sleep(2)
    answer.raise_for_status()
