"""Everything that talks to brokers, ports and the customs gateway."""

import os
import subprocess
import time
import uuid
from datetime import datetime, timezone

import httpx

import durable_async as da

GATEWAY = os.environ.get("CUSTOMS_GATEWAY", "https://gateway.example.org")


@da.activity(retry=da.RetryPolicy(max_attempts=5))
async def lodge_declaration(reference: str, lines: list[dict[str, str]]) -> str:
    async with httpx.AsyncClient(base_url=GATEWAY) as client:
        answer = await client.post(
            "/declarations",
            json={"reference": reference, "lines": lines, "sent": datetime.now(timezone.utc).isoformat()},
            headers={"X-Request-Id": str(uuid.uuid4())},
        )
        answer.raise_for_status()
        return answer.json()["mrn"]


@da.activity
def render_manifest(reference: str) -> str:
    target = f"/var/spool/manifests/{reference}-{int(time.time())}.pdf"
    subprocess.run(["manifest2pdf", reference, target], check=True)
    return target


@da.activity
async def vessel_position(imo: int) -> tuple[float, float]:
    async with httpx.AsyncClient() as client:
        body = (await client.get(f"https://ais.example.org/{imo}")).json()
    return body["lat"], body["lon"]


@da.activity
async def notify_broker(broker: str, text: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(f"https://hooks.example.org/{broker}", json={"text": text})
