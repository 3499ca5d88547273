"""HTTP front end; starts flows, is none."""

from __future__ import annotations

import os
import time
import uuid

import durable_async as da
from fastapi import FastAPI

from .context import Quiet
from .flows import decommission, provision_tenant
from .state import enqueue, report

app = FastAPI()
started = time.time()


@app.post("/tenants/{tenant}")
async def create(tenant: str) -> dict[str, str]:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        handle = await client.start(provision_tenant(tenant, "free", "aws"), id=str(uuid.uuid4()))
    enqueue(tenant)
    return {"id": handle.id, "report": report("free")}


@app.delete("/tenants/{tenant}")
async def remove(tenant: str) -> dict[str, bool]:
    decommission(tenant)  # expect: DUR133
    with Quiet():
        return {"ok": True}


@app.get("/health")
def health() -> float:
    return time.time() - started
