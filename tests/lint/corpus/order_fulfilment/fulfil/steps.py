"""Activities around packing and handing over."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
import typing as t
from urllib import request

from durable_async import RetryPolicy, activity, heartbeat

ROBOTS = "http://robots.local:7000"


@activity(retry=RetryPolicy(max_attempts=10, max_interval=120))
def pack(order_id: str, cartons: int) -> list[str]:
    body = json.dumps({"order": order_id, "cartons": cartons}).encode()
    with request.urlopen(request.Request(f"{ROBOTS}/pack", data=body), timeout=30) as answer:
        return json.load(answer)


@activity(heartbeat_timeout=30)
async def wait_for_robot(order_id: str) -> str:
    while True:
        with request.urlopen(f"{ROBOTS}/orders/{order_id}") as answer:
            status = json.load(answer)["status"]
        if status in {"done", "stuck"}:
            return status
        heartbeat({"checked": time.time()})
        await asyncio.sleep(2)


@activity
def hand_over(order_id: str, carton_ids: list[str], carrier: str) -> str:
    stamp = datetime.datetime.now().strftime("%H%M")
    with open(f"/var/handover/{order_id}.json", "w") as out:
        json.dump({"cartons": carton_ids, "carrier": carrier, "at": stamp}, out)
    return f"{carrier}-{order_id}-{stamp}"


@activity
def open_gate(dock: int, lock: "asyncio.Lock") -> None:  # expect: DUR152
    with request.urlopen(f"{ROBOTS}/docks/{dock}/open"):
        pass


@activity
def scan_stream(dock: int) -> t.Iterator[str]:  # expect: DUR152
    with open(f"/dev/scanner{dock}") as scanner:
        yield from scanner
