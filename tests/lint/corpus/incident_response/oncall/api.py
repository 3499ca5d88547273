"""Alertmanager's web hook."""

import os
import time
import uuid
from typing import Any

import durable_async as da
from fastapi import FastAPI, Request

from oncall.incident import Alert, incident

app = FastAPI()
client = da.Client(os.environ.get("DURABLE_URL", "sqlite:///oncall.db"))
RECENT: dict[str, float] = {}


@app.post("/alerts")
async def receive(request: Request) -> dict[str, Any]:
    started = []
    for item in (await request.json())["alerts"]:
        service = item["labels"]["service"]
        if time.time() - RECENT.get(service, 0) < 60:
            continue
        RECENT[service] = time.time()
        alert = Alert(service, int(item["labels"]["severity"]), frozenset(item["labels"]["hosts"]))
        handle = await client.start(incident(alert, ["restart", "failover"]), id=f"inc-{uuid.uuid4()}")
        started.append(handle.id)
    return {"started": started}


@app.delete("/alerts/{incident_id}")
async def stop(incident_id: str) -> None:
    try:
        await client.handle(incident_id).cancel("closed by hand")
    except BaseException as error:
        print("could not cancel", error)
