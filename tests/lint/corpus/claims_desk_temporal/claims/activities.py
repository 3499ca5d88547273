from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import httpx
from temporalio import activity

from .audit import request_id
from .shared import Claim, Decision, Document

BASE = os.environ.get("CLAIMS_API", "http://localhost:8080")


async def _call(method: str, path: str, body: Any = None) -> Any:
    async with httpx.AsyncClient(base_url=BASE, headers={"X-Request-Id": request_id()}) as http:
        reply = await http.request(method, path, json=body)
        reply.raise_for_status()
        return reply.json()


@activity.defn
async def fetch_policy(policy: str) -> dict[str, Any]:
    return await _call("GET", f"/policies/{policy}")


@activity.defn
async def fraud_score(claim: Claim) -> int:
    started = time.monotonic()
    score = (await _call("POST", "/fraud", {"n": claim.number, "c": claim.cents}))["score"]
    activity.logger.info("scored in %.2fs", time.monotonic() - started)
    return score


@activity.defn
async def pay_out(claim: Claim, decision: Decision) -> str:
    return (await _call("POST", "/payments", {"ref": claim.number, "cents": decision.cents}))["id"]


@activity.defn
async def tell_customer(claim: Claim, template: str, lines: list[str]) -> None:
    await _call("POST", "/letters", {"claim": claim.number, "template": template, "lines": lines})


@activity.defn
async def write_audit(claim: str, entries: list[dict[str, Any]]) -> None:
    with Path(f"/var/audit/{claim}.log").open("a") as log:
        for entry in entries:
            print(entry, file=log)


@activity.defn
async def scan_document(document: Document) -> str:
    return (await _call("POST", f"/scan/{document.name}"))["sha256"]
