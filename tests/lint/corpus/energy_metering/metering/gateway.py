"""Activities: head-end system, database, market communication."""
from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import redis
from temporalio import activity

from .domain.readings import Quality, Reading, Series

_pool = ThreadPoolExecutor(int(os.environ.get("HEADEND_THREADS", "16")))


def _read_meter(meter: str, since: int) -> list[Reading]:
    with socket.create_connection((f"{meter}.headend", 4059), timeout=20) as sock:
        sock.sendall(json.dumps({"since": since}).encode())
        rows = json.loads(sock.makefile().readline())
    return [Reading(meter, at, wh) for at, wh in rows]


class Headend:
    def __init__(self, cache: redis.Redis) -> None:
        self._cache = cache

    @activity.defn
    async def read(self, meter: str, since: int) -> list[Reading]:
        loop = asyncio.get_running_loop()
        readings = await loop.run_in_executor(_pool, _read_meter, meter, since)
        self._cache.set(f"last:{meter}", datetime.now().isoformat(), ex=timedelta(days=7))
        return readings

    @activity.defn
    def store(self, series: Series) -> int:
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            for r in series:
                file.write(f"{r.meter};{r.at};{r.wh};{Quality(r.quality).name}\n")
        os.rename(file.name, f"/srv/edm/in/{series.meter}.csv")
        return len(series)


@activity.defn
def invoice(customer: str, month: str, euros: str) -> str:
    number = f"{month}-{customer}-{datetime.now():%d%H%M%S}"
    with open(f"/srv/billing/{number}.json", "w") as file:
        json.dump({"customer": customer, "euros": euros}, file)
    return number


@activity.defn
async def dispatch_technician(meter: str, why: str) -> None:
    activity.logger.info("technician to %s: %s", meter, why)
