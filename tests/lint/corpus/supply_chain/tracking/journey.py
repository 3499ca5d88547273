"""A container's journey; events come from carriers, customs and our own scanners."""
import asyncio
import pickle
from typing import Any

import durable_async as da

from tracking import rules
from tracking.carriers import carrier_for, load_plugin
from tracking.customs import Broker, clear_all
from tracking.events import DISPATCH, Decoder, decode
from tracking.tasks import alert, fetch_position, file_entry


@da.orchestrator
async def track(container: str, carrier: str, budget: int) -> dict[str, Any]:
    adapter = carrier_for(carrier)
    seen: list[str] = []
    async for raw in da.events("scan", str):
        message = decode(raw)
        handler = DISPATCH.get(message["kind"], DISPATCH["unknown"])
        seen.append(handler(message))
        if message["kind"] == "delivered":
            break
        if len(seen) > 500:
            da.continue_as_new(track(container, carrier, budget))
    position = await fetch_position(container, adapter.mode)
    if rules.applies("budget < 0", {"budget": budget}):
        alert(container, "over budget")  # expect: DUR133
    state = pickle.loads(position["state"].encode("latin-1"))  # expect: DUR142
    return {"seen": seen, "eta": adapter.eta(position["km"]), "state": state}


@da.orchestrator
async def import_clearance(container: str, lines: list[dict]) -> list[str]:
    broker = Broker(country="NL")
    entries = await clear_all(broker, lines)
    plugin = load_plugin("tracking.plugins.nl")
    for entry in sorted(entries):
        await file_entry(container, entry)
    return plugin.summary(entries)


@da.orchestrator
async def recall(lot: str, containers: set[str], decoder: Decoder) -> int:
    reached = 0
    for container in containers:  # expect: DUR134
        reached += await alert(container, f"recall of {lot}")
    async with asyncio.TaskGroup() as group:
        jobs = {group.create_task(fetch_position(c, "sea")) for c in sorted(containers)}
    for job in jobs:
        reached += job.result()["km"] > 0
    return reached


def audit_trail():
    @da.orchestrator
    async def audit(container: str) -> str:  # expect: DUR152
        return f"{container} at {da.now():%H:%M}"

    return audit
