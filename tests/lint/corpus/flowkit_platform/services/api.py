"""HTTP front of the billing service."""

import os
import time
import uuid
from contextlib import asynccontextmanager

import durable_async as da
from fastapi import FastAPI, Header
from flowkit.context import Correlation
from flowkit.decorators import profiled
from services.billing import bill_tenant, post_invoice


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.started = time.time()
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/tenants/{name}/bills")
@profiled
async def create_bill(name: str, lines: dict[str, int], x_correlation: str | None = Header(None)) -> dict[str, str]:
    correlation = Correlation.of_request(x_correlation)
    handle = await app.state.client.start(bill_tenant(name, lines, "DE"), id=f"bill-{name}-{uuid.uuid4().hex}")
    return {"id": handle.id, "correlation": str(correlation)}


@app.post("/tenants/{name}/corrections")
async def correct(name: str, lines: dict[str, int]) -> dict[str, bool]:
    if post_invoice(name, lines):  # expect: DUR133
        return {"ok": True}
    return {"ok": False}


@app.get("/healthz")
async def health() -> dict[str, float]:
    return {"uptime": time.time() - app.state.started}
