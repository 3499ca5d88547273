"""Activities of the logistics centre."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import durable_async as da


class ColdStore:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.reads = 0

    @da.activity(retry=da.RetryPolicy(max_attempts=3))
    def temperature(self, chamber: str) -> float:
        self.reads += 1
        return float((self.root / chamber).read_text()) + random.gauss(0, 0.1)


@da.activity
async def dispatch(route: str, boxes: list[str]) -> str:
    await asyncio.to_thread(time.sleep, 0.1)
    return f"{route}:{len(boxes)}@{os.uname().nodename}"


@da.activity
def ring_alarm(chamber: str, reason: str) -> None:
    print("ALARM", chamber, reason)


@da.activity
async def order_from(supplier: str, drug: str, count: int) -> bool:
    return random.random() < 0.9


@da.activity
async def print_manifest(route: str) -> str:
    return f"manifest {route}"
