from __future__ import annotations

import json
import os
import pathlib

import redis.asyncio as redis

import durable_async as da
from kyc.models import Document, Ticket, Verdict, dump

ROOT = pathlib.Path(os.environ.get("KYC_ARCHIVE", "/srv/kyc"))


@da.activity
async def fetch_documents(application: str) -> list[Document]:
    async with redis.from_url(os.environ["REDIS"]) as client:
        raw = await client.get(f"documents:{application}")
    return json.loads(raw)


@da.activity
def open_ticket(text: str) -> str:
    ticket = Ticket(text=text)
    (ROOT / f"{ticket.id}.json").write_text(json.dumps(dump(ticket)))
    return str(ticket.id)


@da.activity
def archive(verdict: Verdict) -> None:
    (ROOT / "verdicts" / verdict.application).write_text(verdict.model_dump_json())
